import type { RecordKind } from "../../lib/records.ts";
import type { Statement } from "./statement.ts";

export interface RecordStatements {
  readonly get: Statement;
  readonly list: Statement;
  readonly search: Statement;
  /** The same, ten times as fast, for text of ASCII only. */
  readonly searchAscii: Statement;
  readonly insert: Statement;
  readonly update: Statement;
  readonly remove: Statement;
  /** `$1` is a list of uses, in JSON. */
  readonly touch: Statement;
}

const searchTimeoutMs = 15_000;

/** Milliseconds since the epoch; times before it count as it. */
function msOf(column: string): string {
  return `CASE WHEN ${column} IS NOT NULL THEN greatest(0, extract(epoch FROM ${column}) * 1000) END`;
}

const tableOf = { key: "keys", user: "users" } as const satisfies Record<RecordKind, string>;

/** The fields that differ, as SQL over a row `r`, and the columns they come from. */
const ownMembers = {
  key: (schema) => `'kind', r.kind, 'secrets', (
    SELECT coalesce(json_agg(json_build_object(
      'digest', s.digest, 'lastFour', s.last_four, 'createdAt', ${msOf("s.created_at")},
      'expiresAt', ${msOf("nullif(s.expires_at, 'infinity')")}, 'lastUsedAt', ${msOf("s.last_used_at")}
    ) ORDER BY s.position), '[]') FROM ${schema}.key_secrets s WHERE s.key_id = r.id)`,
  user: () => "'passwordHash', r.password_hash",
} as const satisfies Record<RecordKind, (schema: string) => string>;

/** The JSON of a record, as the port has it. */
function recordOf(schema: string, kind: RecordKind): string {
  return `json_strip_nulls(json_build_object(
  'id', r.id, 'name', r.name, 'description', r.description, 'environment', r.environment,
  'scopes', r.scopes, 'addresses', r.addresses, 'limit', CASE WHEN r.limit_requests IS NOT NULL
    THEN json_build_object('requests', r.limit_requests, 'windowMs', r.limit_window_ms) END,
  'notBefore', ${msOf("r.not_before")}, 'expiresAt', ${msOf("nullif(r.expires_at, 'infinity')")},
  'disabled', r.disabled, 'revokedAt', ${msOf("r.revoked_at")},
  'createdAt', ${msOf("r.created_at")}, 'createdBy', r.created_by,
  'updatedAt', ${msOf("r.updated_at")}, 'updatedBy', r.updated_by,
  'lastUsedAt', ${msOf("r.last_used_at")}, 'lastUsedFrom', r.last_used_from,
  'metadata', r.metadata, 'version', r.version, ${ownMembers[kind](schema)}))::text AS record`;
}

const texts = ["id", "name", "description", "environment", "created_by", "updated_by", "last_used_from"];
const times = ["not_before", "expires_at", "revoked_at", "created_at", "updated_at", "last_used_at"];
const ownTexts = { key: ["kind"], user: ["password_hash"] } as const satisfies Record<RecordKind, readonly string[]>;
const others: ReadonlyMap<string, string> = new Map([
  ["scopes", "text[]"],
  ["addresses", "text[]"],
  ["limit_requests", "bigint"],
  ["limit_window_ms", "bigint"],
  ["disabled", "boolean"],
  ["metadata", "jsonb"],
  ["version", "bigint"],
]);

/** `$1` is the row to write, in JSON by the names of the columns, times in milliseconds since the epoch. */
function given(kind: RecordKind): string {
  const typed = [
    ...[...texts, ...ownTexts[kind]].map((column) => `${column} text`),
    ...times.map((column) => `${column} double precision`),
    ...[...others].map(([column, type]) => `${column} ${type}`),
  ];
  return `given AS (SELECT * FROM jsonb_to_record($1::jsonb) AS g(${typed.join(", ")}))`;
}

function columnValue(column: string): string {
  return times.includes(column) ? `to_timestamp(given.${column} / 1000)` : `given.${column}`;
}

/** Writes the secrets in `$1` for the key in `written`; in one statement with it, so that both or none are written. */
function secretsOf(schema: string): string {
  const assigned = ["last_four", "created_at", "expires_at", "last_used_at", "position"];
  return `,
secrets AS (
  SELECT w.id AS key_id, s.digest, s.last_four, to_timestamp(s.created_at / 1000) AS created_at,
    to_timestamp(s.expires_at / 1000) AS expires_at, to_timestamp(s.last_used_at / 1000) AS last_used_at, s.position
  FROM written w, jsonb_to_recordset($1::jsonb -> 'secrets') AS s(digest text, last_four text,
    created_at double precision, expires_at double precision, last_used_at double precision, position smallint)),
gone AS (
  DELETE FROM ${schema}.key_secrets s USING written w
  WHERE s.key_id = w.id AND s.digest NOT IN (SELECT digest FROM secrets)),
kept AS (
  INSERT INTO ${schema}.key_secrets AS s (key_id, digest, ${assigned.join(", ")})
  SELECT key_id, digest, ${assigned.join(", ")} FROM secrets
  ON CONFLICT (key_id, digest) DO UPDATE SET ${assigned.map((column) => `${column} = ${keptSecret(column)}`).join(", ")}
  WHERE (${assigned.map((column) => `s.${column}`).join(", ")})
    IS DISTINCT FROM (${assigned.map(keptSecret).join(", ")}))`;
}

/** A use may have been noted since the caller read the key. */
function keptSecret(column: string): string {
  return column === "last_used_at" ? `greatest(s.${column}, EXCLUDED.${column})` : `EXCLUDED.${column}`;
}

/** The same for the record: `r` is what is stored. */
function keptValue(column: string): string {
  const given = columnValue(column);
  if (column === "last_used_at") return `greatest(r.last_used_at, ${given})`;
  if (column !== "last_used_from") return given;
  return `CASE WHEN r.last_used_at > ${columnValue("last_used_at")} OR given.last_used_at IS NULL
    THEN coalesce(r.last_used_from, ${given}) ELSE ${given} END`;
}

/** Notes uses, where they are later than what is stored. */
function touchText(schema: string, kind: RecordKind): string {
  const at = "to_timestamp(u.at / 1000)";
  const records = `UPDATE ${schema}.${tableOf[kind]} AS r SET last_used_at = ${at}, last_used_from = u."from"
  FROM uses u WHERE r.id = u.id AND (r.last_used_at IS NULL OR r.last_used_at < ${at})`;
  const uses = `uses AS (SELECT * FROM jsonb_to_recordset($1::jsonb)
  AS u(id text, at double precision, "from" text, secrets jsonb))`;
  if (kind === "user") return `WITH ${uses} ${records}`;
  const secretAt = "to_timestamp(x.at / 1000)";
  return `WITH ${uses}, secrets AS (UPDATE ${schema}.key_secrets AS s SET last_used_at = ${secretAt}
  FROM uses u, jsonb_to_recordset(u.secrets) AS x(digest text, at double precision)
  WHERE s.key_id = u.id AND s.digest = x.digest AND (s.last_used_at IS NULL OR s.last_used_at < ${secretAt}))
${records}`;
}

/** The statements for one kind of record. `schema` is quoted. */
export function recordStatements(schema: string, kind: RecordKind): RecordStatements {
  const table = `${schema}.${tableOf[kind]}`;
  const columns = [...texts, ...ownTexts[kind], ...times, ...others.keys()];
  const changed = columns.filter((column) => column !== "id");
  const secrets = kind === "key" ? secretsOf(schema) : "";
  const read = `SELECT ${recordOf(schema, kind)}, r.id FROM ${table} r`;
  const make = (operation: keyof RecordStatements, text: string, more: Partial<Statement> = {}): Statement => ({
    name: `gatehouse-${operation}-${kind}`,
    text,
    writes: false,
    ...more,
  });
  const inserted = `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${columns.map(columnValue).join(", ")} FROM given
  WHERE version = 1 ON CONFLICT (id) DO NOTHING RETURNING id`;
  const updated = `UPDATE ${table} AS r SET ${changed.map((column) => `${column} = ${keptValue(column)}`).join(", ")}
  FROM given WHERE r.id = given.id AND r.version = given.version - 1
    AND (r.revoked_at IS NULL OR ${columnValue("revoked_at")} <= r.revoked_at) RETURNING r.id`;
  const search = (operation: keyof RecordStatements, collation: string) => {
    const found = `r.id COLLATE ${collation} ILIKE $3 OR r.name COLLATE ${collation} ILIKE $3`;
    const text = `${read} WHERE r.id > $1 AND (${found}) ORDER BY r.id LIMIT $2`;
    return make(operation, text, { timeoutMs: searchTimeoutMs });
  };
  const write = (statement: string) =>
    `WITH ${given(kind)}, written AS (${statement})${secrets}\nSELECT id FROM written`;
  return {
    get: make("get", `${read} WHERE r.id = $1`),
    list: make("list", `${read} WHERE r.id > $1 ORDER BY r.id LIMIT $2`),
    search: search("search", `${schema}.letters`),
    searchAscii: search("searchAscii", '"C"'),
    insert: make("insert", write(inserted), { writes: true }),
    update: make("update", write(updated), { writes: true }),
    touch: make("touch", touchText(schema, kind), { writes: true }),
    remove: make("remove", `DELETE FROM ${table} WHERE id = $1 AND version = $2 RETURNING id`, { writes: true }),
  };
}

/** The key that has the digest `$1`. */
export function keyByDigest(schema: string): Statement {
  const text = `SELECT ${recordOf(schema, "key")}, r.id FROM ${schema}.keys r
WHERE r.id = (SELECT f.key_id FROM ${schema}.key_secrets f WHERE f.digest = $1)`;
  return { name: "gatehouse-key-by-digest", text, writes: false };
}
