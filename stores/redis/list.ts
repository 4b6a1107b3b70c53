import type { RecordKind, RecordMap } from "../../lib/records.ts";
import type { ListQuery, Page } from "../../lib/store.ts";
import { maxIdBytes } from "../record-ids.ts";
import { listFilter, pageOf } from "../record-rules.ts";
import { readRecord } from "../record-shape.ts";
import type { Argument } from "./client.ts";
import type { Run } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { listScript } from "./record-scripts.ts";

/** Ids looked at by one run of the script: some milliseconds in which Redis does nothing else. */
const batchSize = 500;

/** A damaged record is left out: `get` says that it is. */
export function listRecords(run: Run, keys: Keys) {
  return async <K extends RecordKind>(kind: K, query: ListQuery): Promise<Page<RecordMap[K]>> => {
    const readBatch = batches(run, keys, kind, query);
    const found: RecordMap[K][] = [];
    let after: Buffer | undefined = Buffer.from(query.after ?? "").subarray(0, maxIdBytes);
    while (after !== undefined && found.length <= query.limit) {
      const batch: Batch<K> = await readBatch(after);
      found.push(...batch.records);
      after = batch.next;
    }
    return pageOf(found, query.limit);
  };
}

interface Batch<K extends RecordKind> {
  readonly records: readonly RecordMap[K][];
  /** Id after which the next batch begins; absent at the end. */
  readonly next: Buffer | undefined;
}

function batches<K extends RecordKind>(
  run: Run,
  { ids, records }: Keys,
  kind: K,
  query: ListQuery,
): (after: Buffer) => Promise<Batch<K>> {
  const wanted = listFilter(query);
  const hints = hintsOf(query.search ?? "");
  const size = hints.length > 0 ? batchSize : Math.min(batchSize, query.limit + 1);
  return async (after) => {
    const answer = await run(listScript, [ids[kind], records[kind]], [startAfter(after), String(size), ...hints]);
    const [last, names, texts] = answer as readonly [string | null, readonly string[], readonly string[]];
    return {
      records: names.flatMap((id, index) => readWanted(kind, id, texts[index], wanted)),
      next: last === null ? undefined : Buffer.from(last),
    };
  };
}

function startAfter(id: Buffer): Argument {
  return id.length === 0 ? "-" : Buffer.concat([Buffer.from("("), id]);
}

/** What alone becomes ASCII in lower case (Unicode's SpecialCasing and UnicodeData): the Kelvin sign, and I with a dot. */
const strangers: ReadonlyMap<string, string> = new Map([
  ["k", "\u212a"],
  ["i", "\u0130"],
]);

/**
 * What the server can tell of a search: the text of a record that is wanted holds the first of these in any case of
 * ASCII, or one of the others. The server knows no other case, so the first is the longest run of plain ASCII, without
 * what JSON escapes.
 */
function hintsOf(search: string): readonly string[] {
  const runs = search.toLowerCase().match(/[ !#-[\]-~]+/g) ?? [];
  const longest = runs.reduce((one, other) => (other.length > one.length ? other : one), "");
  if (longest === "") return [];
  return [longest, ...[...strangers].filter(([plain]) => longest.includes(plain)).map(([, stranger]) => stranger)];
}

function readWanted<K extends RecordKind>(
  kind: K,
  id: string,
  text: string | undefined,
  wanted: (record: RecordMap[K]) => boolean,
): readonly RecordMap[K][] {
  try {
    // What is no record fails here or there, whichever looks first.
    const value = JSON.parse(text ?? "") as RecordMap[K];
    return wanted(value) ? [readRecord(kind, id, value)] : [];
  } catch {
    return [];
  }
}
