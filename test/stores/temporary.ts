import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];

/** A folder that does not exist yet, in one that is removed when the tests end. */
export function temporaryFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), "gatehouse-"));
  made.push(parent);
  return join(parent, "store");
}

// At the very end only: the tests of all files share one process, and one file must not remove what another still needs.
process.once("exit", () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});
