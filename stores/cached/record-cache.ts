import type { KeyRecord, RecordKind, RecordMap } from "../../lib/records.ts";
import type { Change } from "../../lib/store.ts";
import { oldestIn } from "../oldest.ts";
import { hasDigest } from "../record-rules.ts";

/** Records that a server gave, those not used for longest leaving first. What the server does not have is not kept. */
export interface RecordCache {
  get<K extends RecordKind>(kind: K, id: string): RecordMap[K] | undefined;
  getByDigest(digest: string): KeyRecord | undefined;
  /** Asks, and keeps the answer unless the record was dropped meanwhile: the answer may be older than the change. */
  fill<K extends RecordKind>(kind: K, ask: () => Promise<RecordMap[K] | undefined>): Promise<RecordMap[K] | undefined>;
  fillByDigest(digest: string, ask: () => Promise<KeyRecord | undefined>): Promise<KeyRecord | undefined>;
  /** Forgets what may have changed. */
  drop(change: Change): void;
}

export function recordCache(most: number): RecordCache {
  const records = lru<RecordMap[RecordKind]>(most);
  const ids = lru<string>(most);
  const drops = dropLog();
  const get: RecordCache["get"] = <K extends RecordKind>(kind: K, id: string) =>
    records.get(recordKey(kind, id)) as RecordMap[K] | undefined;
  const fill: RecordCache["fill"] = async (kind, ask) => {
    const mark = drops.begin();
    try {
      const record = await ask();
      const key = record && recordKey(kind, record.id);
      if (record !== undefined && key !== undefined && drops.noneSince(mark, key)) records.set(key, record);
      return record;
    } finally {
      drops.end();
    }
  };
  return {
    get,
    fill,
    getByDigest(digest) {
      const id = ids.get(digest);
      const key = id === undefined ? undefined : get("key", id);
      return hasDigest(key, digest) ? key : undefined;
    },
    async fillByDigest(digest, ask) {
      const key = await fill("key", ask);
      // This need not be dropped with a change: the key's record says whether the digest is still its own.
      if (key !== undefined) ids.set(digest, key.id);
      return key;
    },
    drop({ kind, id }) {
      const key = id === undefined ? undefined : recordKey(kind, id);
      drops.note(key);
      if (key === undefined) records.clear();
      else records.delete(key);
    },
  };
}

function recordKey(kind: RecordKind, id: string): string {
  return `${kind}:${id}`;
}

/** Drops of single records that are remembered at once; beyond it a drop counts for every record. */
const mostDrops = 10_000;

/** What was dropped while questions are under way. */
function dropLog() {
  const latest = new Map<string, number>();
  let count = 0;
  let latestOfAll = 0;
  let underWay = 0;
  return {
    begin() {
      underWay += 1;
      return count;
    },
    noneSince: (mark: number, key: string) => Math.max(latestOfAll, latest.get(key) ?? 0) <= mark,
    end() {
      underWay -= 1;
      if (underWay === 0) latest.clear();
    },
    note(key: string | undefined) {
      if (underWay === 0) return;
      count += 1;
      if (key !== undefined && latest.size < mostDrops) {
        latest.set(key, count);
        return;
      }
      latest.clear();
      latestOfAll = count;
    },
  };
}

function lru<T>(most: number) {
  // In the order of their last use, as each use puts an entry of its own at the end.
  const entries = new Map<string, { readonly value: T }>();
  const oldest = oldestIn(entries);
  const put = (key: string, value: T) => {
    entries.delete(key);
    entries.set(key, { value });
  };
  return {
    get(key: string): T | undefined {
      const found = entries.get(key);
      if (found !== undefined) put(key, found.value);
      return found?.value;
    },
    set(key: string, value: T) {
      put(key, value);
      const first = entries.size > most ? oldest() : undefined;
      if (first !== undefined) entries.delete(first[0]);
    },
    delete: (key: string) => entries.delete(key),
    clear: () => entries.clear(),
  };
}
