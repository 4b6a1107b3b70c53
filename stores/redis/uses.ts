import type { RecordUse } from "../../lib/store.ts";
import { idBytes } from "../record-ids.ts";
import { usedTextOf } from "../record-use.ts";
import type { Run } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { getScript, replaceScript } from "./record-scripts.ts";

/** Others may write the record between its reading and the note; after so many times the next use may tell. */
const attempts = 32;

/** As `Store#touch`: a text is replaced by one that says more of the last use, if nobody was in between. */
export function touchRecords(run: Run, { records }: Keys) {
  const touchOnce = async (use: RecordUse, bytes: Buffer): Promise<boolean> => {
    const text = await run(getScript, [records[use.kind]], [bytes]);
    if (typeof text !== "string") return true;
    const used = usedTextOf(use.kind, use.id, text, use);
    return used === undefined || (await run(replaceScript, [records[use.kind]], [bytes, text, used])) === 1;
  };
  const touch = async (use: RecordUse): Promise<void> => {
    const bytes = idBytes(use.id);
    for (let attempt = 0; bytes !== undefined && attempt < attempts; attempt++) {
      if (await touchOnce(use, bytes)) return;
    }
  };
  return async (uses: readonly RecordUse[]): Promise<void> => {
    await Promise.all(uses.map(touch));
  };
}
