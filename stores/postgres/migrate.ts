import type { ClientBase, QueryConfig } from "pg";
import { StoreError } from "../../lib/errors.ts";
import { graceMs } from "./options.ts";
import { migrations, quoted, tables } from "./schema.ts";
import { triggerCount } from "./triggers.ts";

const migrationMs = 60_000;

/** Which store is there. Undefined where none is and none ever was. @throws StoreError when it must not be used. */
async function inspect(client: ClientBase, schema: string): Promise<string | undefined> {
  const qualified = tables.map((table) => `${quoted(schema)}.${table}`);
  const { rows } = await client.query<{ readonly found: number; readonly triggers: number }>({
    name: "gatehouse-inspect",
    text: `SELECT count(t.table)::int AS found, sum((SELECT count(*) FROM pg_trigger g
      WHERE g.tgrelid = t.table AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')))::int AS triggers
      FROM (SELECT to_regclass(name) AS table FROM unnest($1::text[]) AS name) AS t`,
    values: [qualified],
  });
  const { found = 0, triggers = 0 } = rows[0] ?? {};
  if (found === 0) return undefined;
  if (found < tables.length) throw new StoreError("missing", "Tables of the PostgreSQL store are gone.");
  const storeId = await readMarker(client, schema);
  if (triggers < triggerCount) {
    throw new StoreError("damaged", "Triggers of the PostgreSQL store are gone or switched off.");
  }
  return storeId;
}

async function readMarker(client: ClientBase, schema: string): Promise<string> {
  const { rows } = await client.query<{ readonly version: number | null; readonly id: string | null }>({
    name: "gatehouse-marker",
    text: `SELECT (SELECT max(version) FROM ${quoted(schema)}.migrations) AS version,
      (SELECT id::text FROM ${quoted(schema)}.store) AS id`,
  });
  const { version = null, id = null } = rows[0] ?? {};
  if (version === null || id === null) throw new StoreError("missing", "The PostgreSQL store has lost its marker.");
  if (version !== migrations.length) {
    throw new StoreError("unknown-version", `The PostgreSQL store has version ${version}, which is not known here.`);
  }
  return id;
}

/**
 * The id of the store that is there, or, with `mayBegin`, of one that is begun now: by one process at a time.
 * @throws StoreError when it must not be used; "missing" when `expected`, or any, was there once and is not now.
 */
export async function prepareSchema(client: ClientBase, schema: string, expected: string | undefined): Promise<string> {
  const found = await inspect(client, schema);
  if (expected === undefined) return found ?? begin(client, schema);
  if (found === undefined) throw new StoreError("missing", "The PostgreSQL store that was there is gone.");
  if (found !== expected) {
    throw new StoreError("missing", "The PostgreSQL store that was there is gone: another is in its place.");
  }
  return found;
}

async function begin(client: ClientBase, schema: string): Promise<string> {
  await client.query(`BEGIN; SET LOCAL statement_timeout = ${migrationMs}`);
  try {
    await slowly(client, {
      text: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
      values: [`gatehouse ${schema}`],
    });
    const id = (await inspect(client, schema)) ?? (await migrate(client, schema));
    await client.query("COMMIT");
    return id;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function migrate(client: ClientBase, schema: string): Promise<string> {
  await requireUtf8(client);
  await createSchema(client, schema);
  for (const [index, migration] of migrations.entries()) {
    await slowly(client, { text: migration(schema) });
    await client.query(`INSERT INTO ${quoted(schema)}.migrations (version) VALUES ($1)`, [index + 1]);
  }
  return readMarker(client, schema);
}

/** A role that may not make schemas can be given one. */
async function createSchema(client: ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${quoted(schema)}`);
}

async function requireUtf8(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ readonly server_encoding: string }>("SHOW server_encoding");
  const encoding = rows[0]?.server_encoding;
  if (encoding !== "UTF8") {
    throw new StoreError("unreachable", `The database must have the encoding UTF8, and has ${encoding}.`);
  }
}

function slowly(client: ClientBase, config: QueryConfig): Promise<unknown> {
  const patient = { ...config, query_timeout: migrationMs + graceMs };
  return client.query(patient);
}
