import type { KeyRecord, RecordKind, RecordMap } from "../../lib/records.ts";
import { idBytes, requireIdBytes } from "../record-ids.ts";
import { hasDigest, indexedDigests } from "../record-rules.ts";
import { parseRecord, recordText } from "../record-shape.ts";
import { lastUseIn, usedText } from "../record-use.ts";
import type { Run } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { listRecords } from "./list.ts";
import { findScript, getScript, putScript, removeScript } from "./record-scripts.ts";
import { touchRecords } from "./uses.ts";

/** Records in Redis: a hash of their JSON by id, and beside it what finds them by digest and in order. */
export function redisRecords(run: Run, keys: Keys) {
  return {
    get: getRecord(run, keys),
    findKeyByDigest: findKey(run, keys),
    ...writes(run, keys),
    touch: touchRecords(run, keys),
    list: listRecords(run, keys),
  };
}

function getRecord(run: Run, { records }: Keys) {
  return async <K extends RecordKind>(kind: K, id: string): Promise<RecordMap[K] | undefined> => {
    const bytes = idBytes(id);
    if (bytes === undefined) return undefined;
    const text = await run(getScript, [records[kind]], [bytes]);
    return typeof text === "string" ? parseRecord(kind, id, text) : undefined;
  };
}

function findKey(run: Run, { records, digests }: Keys) {
  return async (digest: string): Promise<KeyRecord | undefined> => {
    // Digests are as short as ids, so what is longer belongs to nobody.
    const bytes = idBytes(digest);
    if (bytes === undefined) return undefined;
    const found = (await run(findScript, [digests, records.key], [bytes])) as readonly unknown[] | null;
    const [id, text] = found ?? [];
    if (typeof id !== "string" || typeof text !== "string") return undefined;
    const key = parseRecord("key", id, text);
    return hasDigest(key, digest) ? key : undefined;
  };
}

/** Writes of one record between which it may be used. */
const attempts = 32;

function writes(run: Run, { records, ids, digests, sequence, changes, channel }: Keys) {
  const names = (kind: RecordKind) => [records[kind], ids[kind], digests, sequence, changes];
  return {
    async put<K extends RecordKind>(kind: K, record: RecordMap[K]): Promise<boolean> {
      const { version, revokedAt, lastUsedAt = 0 } = record;
      const head = [kind, requireIdBytes(record.id), channel, String(version), String(revokedAt ?? "")];
      /** `usedAt` is when what is stored was last used, as far as is known; undefined for whenever that was. */
      const write = (text: string, usedAt: number | undefined) =>
        run(putScript, names(kind), [...head, text, String(usedAt ?? ""), ...indexedDigests(record)]);
      const text = recordText(kind, record);
      let answer = await write(text, lastUsedAt);
      // Used since the caller read it, perhaps again and again.
      for (let attempt = 1; typeof answer === "string"; attempt++) {
        const use = lastUseIn(kind, record.id, answer);
        answer = await write(usedText(kind, record, use) ?? text, attempt < attempts ? use.at : undefined);
      }
      return answer === 1;
    },
    async remove(kind: RecordKind, id: string, version: number): Promise<boolean> {
      const bytes = idBytes(id);
      if (bytes === undefined) return false;
      return (await run(removeScript, names(kind), [kind, bytes, channel, String(version)])) === 1;
    },
  };
}
