import type { KeyRecord, RecordKind, RecordMap } from "../../lib/records.ts";
import type { ListQuery, Page, RecordUse } from "../../lib/store.ts";
import { oldestIn } from "../oldest.ts";
import { idBytes, maxIdBytes, requireIdBytes } from "../record-ids.ts";
import { hasDigest, indexedDigests, listFilter, pageOf, revives } from "../record-rules.ts";
import { parseRecord, recordText } from "../record-shape.ts";
import { lastUseOf, usedText, usedTextOf } from "../record-use.ts";
import { noteChange } from "./changes.ts";
import { type Bytes, type Environment, write } from "./environment.ts";

type AnyRecord = RecordMap[RecordKind];
interface Parsed {
  readonly key: Bytes;
  readonly text: string;
  readonly record: AnyRecord;
}

/** Records read before, which are still what they were as long as their text is the same. */
export type RecordCache = Readonly<Record<RecordKind, ParsedRecords>>;

interface ParsedRecords {
  get(id: string): Parsed | undefined;
  set(id: string, parsed: Parsed): void;
}

const cached = 2_000;

export function recordCache(): RecordCache {
  return { key: parsedRecords(), user: parsedRecords() };
}

function parsedRecords(): ParsedRecords {
  const records = new Map<string, Parsed>();
  const oldest = oldestIn(records);
  return {
    get: (id) => records.get(id),
    set(id, parsed) {
      records.delete(id);
      const first = records.size < cached ? undefined : oldest();
      if (first !== undefined) records.delete(first[0]);
      records.set(id, parsed);
    },
  };
}

/** @throws StoreError "damaged" when what is stored under the id is no record. */
export function getRecord<K extends RecordKind>(
  environment: Environment,
  cache: RecordCache,
  kind: K,
  id: string,
): RecordMap[K] | undefined {
  const known = cache[kind].get(id);
  const key = known?.key ?? idBytes(id);
  if (key === undefined) return undefined;
  environment.freshen();
  const text = environment.records[kind].get(key);
  if (text === undefined) return undefined;
  if (known?.text === text) return known.record as RecordMap[K];
  const record = parseRecord(kind, id, text);
  cache[kind].set(id, { key, text, record });
  return record;
}

export function getKeyByDigest(environment: Environment, cache: RecordCache, digest: string): KeyRecord | undefined {
  // Digests are as short as ids, so what is longer belongs to nobody.
  const key = idBytes(digest);
  if (key === undefined) return undefined;
  environment.freshen();
  const id = environment.digests.get(key);
  if (id === undefined) return undefined;
  const record = getRecord(environment, cache, "key", id);
  return hasDigest(record, digest) ? record : undefined;
}

export async function putRecord<K extends RecordKind>(
  environment: Environment,
  kind: K,
  record: RecordMap[K],
): Promise<boolean> {
  const text = recordText(kind, record);
  const key = requireIdBytes(record.id);
  return write(environment, () => {
    const stored = readStored(environment, kind, record.id, key);
    if (!follows(record, stored)) return false;
    if (!index(environment, record.id, indexedDigests(stored), indexedDigests(record))) return false;
    // A use may have been noted since the caller read the record.
    const used = stored === undefined ? undefined : usedText(kind, record, lastUseOf(stored));
    environment.records[kind].putSync(key, used ?? text);
    noteChange(environment, kind, record.id);
    return true;
  });
}

/** As `Store#touch`, in one transaction. */
export async function touchRecords(environment: Environment, uses: readonly RecordUse[]): Promise<void> {
  await write(environment, () => {
    for (const use of uses) touchRecord(environment, use);
  });
}

function touchRecord(environment: Environment, use: RecordUse): void {
  const key = idBytes(use.id);
  const text = key && environment.records[use.kind].get(key);
  const used = text && usedTextOf(use.kind, use.id, text, use);
  if (key && used) environment.records[use.kind].putSync(key, used);
}

/** Whether a record may be written in the place of what is stored. */
function follows(record: AnyRecord, stored: AnyRecord | undefined): boolean {
  if (stored === undefined) return record.version === 1;
  return stored.version === record.version - 1 && !revives(stored, record);
}

export async function removeRecord(
  environment: Environment,
  kind: RecordKind,
  id: string,
  version: number,
): Promise<boolean> {
  const key = idBytes(id);
  if (key === undefined) return false;
  return write(environment, () => {
    const stored = readStored(environment, kind, id, key);
    if (stored?.version !== version) return false;
    index(environment, id, indexedDigests(stored), []);
    environment.records[kind].removeSync(key);
    noteChange(environment, kind, id);
    return true;
  });
}

function readStored(environment: Environment, kind: RecordKind, id: string, key: Bytes): AnyRecord | undefined {
  const text = environment.records[kind].get(key);
  return text === undefined ? undefined : parseRecord(kind, id, text);
}

/** Makes `after` the digests of the key instead of `before`; false, and nothing changed, when one is another key's. */
function index({ digests }: Environment, id: string, before: readonly string[], after: readonly string[]): boolean {
  const taken = (digest: string) => ![undefined, id].includes(digests.get(Buffer.from(digest)));
  if (after.some(taken)) return false;
  for (const digest of before) digests.removeSync(Buffer.from(digest));
  for (const digest of after) digests.putSync(Buffer.from(digest), id);
  return true;
}

/** Records read between two turns of the event loop. */
const batchSize = 500;

/** A damaged record is left out: `get` says that it is. */
export async function listRecords<K extends RecordKind>(
  environment: Environment,
  kind: K,
  query: ListQuery,
): Promise<Page<RecordMap[K]>> {
  const wanted = listFilter(query);
  const found: RecordMap[K][] = [];
  let after: Buffer | undefined = Buffer.from(query.after ?? "").subarray(0, maxIdBytes);
  while (after !== undefined && found.length <= query.limit) {
    const batch: Batch<K> = readBatch(environment, kind, after);
    found.push(...batch.records.filter(wanted));
    after = batch.next;
    if (after !== undefined) await new Promise((resolve) => setImmediate(resolve));
  }
  return pageOf(found, query.limit);
}

interface Batch<K extends RecordKind> {
  readonly records: readonly RecordMap[K][];
  /** Key after which the next batch begins; absent at the end of the table. */
  readonly next: Buffer | undefined;
}

function readBatch<K extends RecordKind>(environment: Environment, kind: K, after: Buffer): Batch<K> {
  environment.freshen();
  const start = after.length === 0 ? {} : { start: after, exclusiveStart: true };
  const rows = [...environment.records[kind].getRange({ ...start, limit: batchSize })];
  const records = rows.flatMap(({ key, value }) => readable(kind, Buffer.from(key).toString(), value));
  const last = rows.length === batchSize ? rows.at(-1) : undefined;
  return { records, next: last && Buffer.from(last.key) };
}

function readable<K extends RecordKind>(kind: K, id: string, text: string): readonly RecordMap[K][] {
  try {
    return [parseRecord(kind, id, text)];
  } catch {
    return [];
  }
}
