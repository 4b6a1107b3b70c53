import type { ClientConfig } from "pg";
import { ConfigError } from "../../lib/errors.ts";
import type { StoreReports } from "../remote.ts";
import { defaultSchema, isSchemaName } from "./schema.ts";

/** How the connection is encrypted. Texts are PEM. */
export interface PostgresTls {
  /** Whose certificates are believed; by default those that Node.js believes. */
  readonly ca?: string;
  /** Name in the server's certificate, where it is not the host's. */
  readonly serverName?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface PostgresOptions {
  /** `postgres://host:port/database`, for a socket `postgres:///database?host=/run/postgresql`; without a password. */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** False or absent: not encrypted. */
  readonly tls?: PostgresTls | boolean;
  /** Where the tables are: small letters, digits and `_`. `gatehouse` by default. */
  readonly schema?: string;
  /** The store that must be there: no new one is begun in its place. */
  readonly expectedStoreId?: string;
  readonly reports?: StoreReports;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Longest that an operation may take, and that a connection may take to come about. */
export const timeoutMs = 2_000;
/** What the network may take on top, before a question without an answer is given up. */
export const graceMs = 300;

const parameters: ReadonlySet<string> = new Set(["host"]);

/** @throws ConfigError for what cannot work. Neither it nor anything else repeats the address. */
export function clientConfig(options: PostgresOptions): ClientConfig {
  const { url, schema, user, password } = checked(options);
  const socket = url.searchParams.get("host");
  return {
    host: socket ?? decode(url.hostname).replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port || 5_432),
    ...text("database", decode(url.pathname.slice(1))),
    ...text("user", user),
    ...text("password", password),
    ssl: sslOf(options.tls),
    application_name: `gatehouse ${schema}`,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + graceMs,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  };
}

function checked(options: PostgresOptions) {
  const { user, password, schema = defaultSchema } = options;
  if (!isSchemaName(schema)) {
    throw new ConfigError(
      "schema",
      "the schema's name is 1 to 40 small letters, digits and _, and begins with no digit",
    );
  }
  const url = parsed(options.url);
  if (url === undefined || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw new ConfigError("url", "the server's address is postgres://host:port/database");
  }
  if (url.password !== "") throw new ConfigError("url", "the password belongs in its own field, not in the address");
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.has(name));
  if (unknown !== undefined || url.hash !== "") {
    throw new ConfigError("url", "the server's address has a part that is not known");
  }
  return { url, schema, password, user: user || decode(url.username) };
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("url", "the server's address is not properly encoded");
  }
}

function text<N extends string>(name: N, value: string | undefined): { readonly [K in N]?: string } {
  return value ? ({ [name]: value } as { readonly [K in N]: string }) : {};
}

function sslOf(tls: PostgresOptions["tls"]): NonNullable<ClientConfig["ssl"]> {
  if (!tls) return false;
  if (tls === true) return { minVersion: "TLSv1.2" };
  const { serverName, ...certificates } = tls;
  return { minVersion: "TLSv1.2", ...certificates, ...text("servername", serverName) };
}

/** What works, but not as safely as it should. */
export function unsafety({ url, tls }: PostgresOptions): readonly string[] {
  const host = parsed(url)?.hostname ?? "";
  if (tls || host === "" || /^(?:localhost|127\..*|\[::1\])$/.test(host)) return [];
  return [
    "The connection to the PostgreSQL server is not encrypted: what it carries can be read and changed on its way.",
  ];
}
