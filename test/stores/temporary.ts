import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];

/** A folder that does not exist yet, in one that is removed at the end. */
export function temporaryFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), "gatehouse-"));
  made.push(parent);
  return join(parent, "store");
}

export function removeTemporaryFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}
