import { isIP } from "node:net";
import type { ClientConfig } from "pg";
import { ConfigError } from "../../lib/errors.ts";
import type { StoreReports } from "../remote.ts";
import { defaultSchema, isSchemaName } from "./schema.ts";

/** PEM texts. */
export interface PostgresTls {
  /** Whose certificates are believed; by default those that Node.js believes. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  /** The name in the server's certificate; the host of the address by default. */
  readonly servername?: string;
  /** False takes any certificate: who is in between reads and answers everything. */
  readonly rejectUnauthorized?: boolean;
}

export interface PostgresOptions {
  /** `postgres://host:port/database`; for a socket `postgres:///database?host=/run/postgresql`. */
  readonly url: string;
  /** Instead of those in the address. */
  readonly username?: string;
  readonly password?: string;
  /** Where it is absent, the address says by `?sslmode=require`; a certificate is always verified. */
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

/** @throws ConfigError for what cannot work. Neither it nor anything else repeats the address. */
export function clientConfig(options: PostgresOptions): ClientConfig {
  const schema = options.schema ?? defaultSchema;
  if (!isSchemaName(schema)) {
    throw new ConfigError("schema", "The schema's name is 1 to 40 of a-z 0-9 _, and begins with no digit.");
  }
  const url = checkedUrl(options.url);
  return {
    host: url.searchParams.get("host") ?? decoded(url.hostname).replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port || 5_432),
    ...text("database", decoded(url.pathname.slice(1))),
    ...text("user", options.username || decoded(url.username)),
    ...text("password", options.password || decoded(url.password)),
    ssl: sslOf(options.tls ?? isEncrypted(url)),
    application_name: `gatehouse ${schema}`,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + graceMs,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  };
}

function checkedUrl(address: string): URL {
  const url = parsed(address);
  if (url === undefined || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw new ConfigError("url", "The server's address must be like postgres://host:5432/database.");
  }
  const unknown = [...url.searchParams.keys()].some((name) => name !== "host" && name !== "sslmode");
  if (unknown || url.hash !== "") throw new ConfigError("url", "The server's address takes ?host= and ?sslmode= only.");
  return url;
}

/** Modes that would take any certificate, or none when the server likes, are not offered (libpq, "SSL Mode"). */
function isEncrypted(url: URL): boolean {
  const mode = url.searchParams.get("sslmode") ?? "disable";
  if (!["disable", "require", "verify-ca", "verify-full"].includes(mode)) {
    throw new ConfigError("url", "sslmode is disable, require, verify-ca or verify-full.");
  }
  return mode !== "disable";
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("url", "The server's address is not percent-encoded.");
  }
}

function text<N extends string>(name: N, value: string | undefined): { readonly [K in N]?: string } {
  return value ? ({ [name]: value } as { readonly [K in N]: string }) : {};
}

function sslOf(tls: PostgresTls | boolean): NonNullable<ClientConfig["ssl"]> {
  if (tls === false) return false;
  const { ca, ...others } = tls === true ? {} : tls;
  const trusted = ca === undefined ? {} : { ca: Array.isArray(ca) ? [...ca] : (ca as string | Buffer) };
  return { minVersion: "TLSv1.2", ...others, ...trusted };
}

/** What is not as safe as it should be, before anything is connected. */
export function weaknesses({ host = "", ssl }: ClientConfig): readonly string[] {
  const isLoopback = host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
  const isNear = host === "" || host.startsWith("/") || isLoopback;
  if (isNear) return [];
  if (!ssl) return ["The connection to PostgreSQL is not encrypted: use TLS."];
  if (ssl !== true && ssl.rejectUnauthorized === false) return ["The certificate of PostgreSQL is not verified."];
  return [];
}
