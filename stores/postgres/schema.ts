import { triggersSql } from "./triggers.ts";

/** Tables that must be there when any is. */
export const tables = ["migrations", "store", "keys", "key_secrets", "users", "counters", "nonces", "changes"] as const;

export const defaultSchema = "gatehouse";

/** The name of a schema: small letters, digits and `_`, so that people need no quotes. */
export function isSchemaName(name: string): boolean {
  return /^(?!pg_)[a-z_][a-z0-9_]{0,39}$/.test(name);
}

/** Where changes are announced. */
export function channelOf(schema: string): string {
  return `${schema}_changes`;
}

/** The SQL that leads from one version of the schema to the next, the first from nothing. Never edited once released. */
export const migrations: readonly ((schema: string) => string)[] = [
  (schema) => [tablesSql(quoted(schema)), triggersSql(quoted(schema), channelOf(schema))].join("\n"),
];

/** For SQL: names may be words of the language. */
export function quoted(schema: string): string {
  return `"${schema}"`;
}

const common = `
  description text NOT NULL DEFAULT '',
  environment text NOT NULL DEFAULT 'production' CHECK (environment IN ('production', 'sandbox')),
  scopes text[] NOT NULL DEFAULT '{}' CHECK (array_position(scopes, NULL) IS NULL),
  addresses text[] NOT NULL DEFAULT '{}' CHECK (array_position(addresses, NULL) IS NULL),
  limit_requests bigint CHECK (limit_requests > 0),
  limit_window_ms bigint CHECK (limit_window_ms > 0),
  not_before timestamptz,
  expires_at timestamptz,
  disabled boolean NOT NULL DEFAULT false,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text NOT NULL DEFAULT session_user,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by text NOT NULL DEFAULT session_user,
  last_used_at timestamptz,
  last_used_from text,
  metadata jsonb NOT NULL DEFAULT '{}' CHECK (
    jsonb_typeof(metadata) = 'object' AND NOT jsonb_path_exists(metadata, 'strict $.* ? (@.type() != "string")')
  ),
  version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
  CHECK ((limit_requests IS NULL) = (limit_window_ms IS NULL))`;

/** "C" orders by bytes, whatever the database's own language. */
const id = `id text COLLATE "C" PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 510)`;

function tablesSql(schema: string): string {
  return `${collationSql(schema)}
CREATE TABLE ${schema}.migrations (
  version integer PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text NOT NULL DEFAULT session_user
);
CREATE TABLE ${schema}.store (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO ${schema}.store DEFAULT VALUES;
CREATE TABLE ${schema}.keys (
  ${id},
  name text NOT NULL,
  kind text NOT NULL DEFAULT 'server' CHECK (kind IN ('server', 'client')),${common}
);
CREATE TABLE ${schema}.key_secrets (
  key_id text COLLATE "C" NOT NULL REFERENCES ${schema}.keys ON UPDATE CASCADE ON DELETE CASCADE,
  digest text COLLATE "C" NOT NULL UNIQUE CHECK (digest ~ '^(hmac-)?sha256:[A-Za-z0-9_-]{43}$'),
  last_four text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  position smallint NOT NULL DEFAULT 0 CHECK (position IN (0, 1)),
  PRIMARY KEY (key_id, digest),
  UNIQUE (key_id, position) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE TABLE ${schema}.users (
  ${id},
  name text NOT NULL,
  password_hash text NOT NULL CHECK (password_hash <> ''),${common}
);
CREATE UNLOGGED TABLE ${schema}.counters (
  bucket bytea PRIMARY KEY,
  at double precision NOT NULL,
  debt double precision NOT NULL,
  allowed boolean NOT NULL,
  ends double precision NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE ${schema}.nonces (
  nonce bytea PRIMARY KEY,
  ends double precision NOT NULL
);
CREATE INDEX nonces_ends ON ${schema}.nonces (ends);
CREATE TABLE ${schema}.changes (
  entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sequence bigint UNIQUE,
  kind text NOT NULL CHECK (kind IN ('key', 'user')),
  id text COLLATE "C",
  at timestamptz NOT NULL DEFAULT now()
);
CREATE SEQUENCE ${schema}.change_numbers AS bigint OWNED BY ${schema}.changes.sequence;`;
}

/** For searches: ICU's root collation knows the cases of all letters, whatever the database's own language. */
function collationSql(schema: string): string {
  return `
DO $body$ BEGIN
  CREATE COLLATION ${schema}.letters FROM pg_catalog."und-x-icu";
EXCEPTION WHEN undefined_object THEN
  CREATE COLLATION ${schema}.letters FROM pg_catalog."C";
END $body$;`;
}
