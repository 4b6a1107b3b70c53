import type { RecordKind, RecordMap } from "../../lib/records.ts";
import type { ListQuery, Page, RecordUse } from "../../lib/store.ts";
import { idBytes, requireIdBytes } from "../record-ids.ts";
import { hasDigest, listFilter, pageOf } from "../record-rules.ts";
import { readRecord, recordText } from "../record-shape.ts";
import type { RemoteStore } from "../remote.ts";
import { keyByDigest, type RecordStatements, recordStatements } from "./record-statements.ts";
import { rowOf } from "./rows.ts";
import { quoted } from "./schema.ts";
import type { Server } from "./server.ts";
import { fromStoredJson, toStored, toStoredJson } from "./stored-text.ts";

interface Row {
  /** JSON of the record. */
  readonly record: string;
  readonly id: string;
}

export type Records = Pick<RemoteStore, "get" | "findKeyByDigest" | "put" | "touch" | "remove" | "list">;

/** Keys and users in their tables. */
export function recordTables(server: Server, schema: string): Records {
  const statements = { key: recordStatements(quoted(schema), "key"), user: recordStatements(quoted(schema), "user") };
  const byDigest = keyByDigest(quoted(schema));
  return {
    async get<K extends RecordKind>(kind: K, id: string) {
      if (idBytes(id) === undefined) return absent(server);
      const [row] = await server.query<Row>(statements[kind].get, [toStored(id)]);
      return row && readRecord(kind, id, fromStoredJson(row.record));
    },
    async findKeyByDigest(digest) {
      // Only imported secrets are found so: a generated key has its id in it.
      if (!digest.startsWith("hmac-sha256:") || idBytes(digest) === undefined) return absent(server);
      const [row] = await server.query<Row>(byDigest, [toStored(digest)]);
      const key = row && recordIn("key", row);
      return hasDigest(key, digest) ? key : undefined;
    },
    put: (kind, record) => put(server, statements[kind], kind, record),
    async touch(uses) {
      await Promise.all([touch(server, statements.key, "key", uses), touch(server, statements.user, "user", uses)]);
    },
    async remove(kind, id, version) {
      if (idBytes(id) === undefined || !Number.isSafeInteger(version)) return (await absent(server)) ?? false;
      return (await server.query(statements[kind].remove, [toStored(id), version])).length > 0;
    },
    list: (kind, query) => list(server, statements[kind], kind, query),
  };
}

/** Nobody has it. A store that cannot be used says so all the same. */
async function absent(server: Server): Promise<undefined> {
  await server.ready();
}

async function put<K extends RecordKind>(
  server: Server,
  { insert, update }: RecordStatements,
  kind: K,
  record: RecordMap[K],
): Promise<boolean> {
  requireIdBytes(record.id);
  recordText(kind, record);
  const row = toStoredJson(rowOf(record));
  return (await server.query(record.version === 1 ? insert : update, [row])).length > 0;
}

async function touch(
  server: Server,
  statements: RecordStatements,
  kind: RecordKind,
  uses: readonly RecordUse[],
): Promise<void> {
  const own = uses.filter((use) => use.kind === kind && idBytes(use.id) !== undefined);
  if (own.length > 0) await server.query(statements.touch, [toStoredJson(own)]);
}

/** A damaged record is left out: `get` says that it is. */
async function list<K extends RecordKind>(
  server: Server,
  statements: RecordStatements,
  kind: K,
  query: ListQuery,
): Promise<Page<RecordMap[K]>> {
  listFilter(query);
  const found: RecordMap[K][] = [];
  const rowsAtOnce = query.limit + 1;
  let after: string | undefined = toStored(query.after ?? "");
  while (after !== undefined && found.length < rowsAtOnce) {
    const rows: readonly Row[] = await readRows(server, statements, query.search ?? "", [after, rowsAtOnce]);
    found.push(...rows.flatMap((row) => readable(kind, row)));
    after = rows.length === rowsAtOnce ? rows.at(-1)?.id : undefined;
  }
  return pageOf(found, query.limit);
}

function readRows(
  server: Server,
  { list, search, searchAscii }: RecordStatements,
  sought: string,
  range: readonly [after: string, limit: number],
): Promise<readonly Row[]> {
  if (sought === "") return server.query<Row>(list, range);
  const literal = toStored(sought).replace(/[\\%_]/g, "\\$&");
  return server.query<Row>(isAscii(sought) ? searchAscii : search, [...range, `%${literal}%`]);
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function readable<K extends RecordKind>(kind: K, row: Row): readonly RecordMap[K][] {
  try {
    return [recordIn(kind, row)];
  } catch {
    return [];
  }
}

function recordIn<K extends RecordKind>(kind: K, { record }: Row): RecordMap[K] {
  const value = fromStoredJson(record);
  return readRecord(kind, (value as RecordMap[K]).id, value);
}
