import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../harness/node-red.ts";
import type { OpenEditor } from "./editor-page.ts";

/** Pictures are for the README: a usual run leaves the working tree as it is. */
const folder = process.env.SCREENSHOTS === "1" ? join(packageRoot, "docs/images") : undefined;

/** Has a picture taken for the documentation, if pictures are asked for. */
export async function picture(
  { page }: OpenEditor,
  name: string,
  take: (path: string) => Promise<unknown>,
): Promise<void> {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  // Notices pass over what is to be seen.
  await page.addStyleTag({ content: "#red-ui-notifications { visibility: hidden }" });
  await take(join(folder, `${name}.png`));
}
