import { isIP } from "node:net";
import { ConfigError } from "../../lib/errors.ts";
import type { StoreReports } from "../remote.ts";

export interface RedisOptions {
  /** `redis://host:6379/0`, or `rediss://` for TLS. */
  readonly url: string;
  /** Instead of those in the URL. */
  readonly username?: string;
  readonly password?: string;
  /** PEM texts. Where they are given the connection is encrypted, with `redis://` too. */
  readonly tls?: RedisTls;
  /** First part of all names in Redis, for several stores in one database. `gatehouse` by default. */
  readonly prefix?: string;
  /** Milliseconds that a connection, and an answer, may take. 2,000 by default. */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly reports?: StoreReports;
}

export interface RedisTls {
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  /** The name in the server's certificate; the URL's host by default. */
  readonly servername?: string;
  /** False takes any certificate: who is in between reads and answers everything. */
  readonly rejectUnauthorized?: boolean;
}

/** Where and how to connect. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly prefix: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: RedisTls | undefined;
  readonly timeoutMs: number;
}

/** @throws ConfigError for what cannot work. Its message does not hold the URL, in which a password may be. */
export function targetOf({ prefix = "gatehouse", timeoutMs = 2_000, ...options }: RedisOptions): Target {
  const url = parseUrl(options.url);
  if (!/^[\w.:-]{1,64}$/.test(prefix)) throw new ConfigError("prefix", "The prefix is 1 to 64 of A-Z a-z 0-9 . : _ -");
  if (!(timeoutMs > 0)) throw new ConfigError("timeoutMs", "The time-out must be above 0 ms.");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    host,
    port: Number(url.port || 6379),
    database: databaseOf(url),
    prefix,
    username: options.username || decoded(url.username) || undefined,
    password: options.password || decoded(url.password) || undefined,
    tls: url.protocol === "rediss:" || options.tls ? withName(host, options.tls) : undefined,
    timeoutMs,
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "") {
    throw new ConfigError("url", "The URL of Redis must be like redis://host:6379 or rediss://host:6379.");
  }
  return url;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("url", "The user name or password in Redis's URL is not percent-encoded.");
  }
}

function databaseOf({ pathname }: URL): number {
  const path = pathname.replace(/^\//, "") || "0";
  if (!/^\d{1,5}$/.test(path))
    throw new ConfigError("url", "The path of Redis's URL must be the number of a database.");
  return Number(path);
}

/** An address is no name for SNI (RFC 6066, section 3). */
function withName(host: string, tls: RedisTls = {}): RedisTls {
  return isIP(host) === 0 && tls.servername === undefined ? { ...tls, servername: host } : tls;
}

/** What is not as safe as it should be, before anything is connected. */
export function weaknesses({ host, tls, password }: Target): readonly string[] {
  if (isLoopback(host)) return [];
  const found: string[] = [];
  if (tls === undefined) found.push("The connection to Redis is not encrypted: use rediss:// and TLS.");
  if (tls?.rejectUnauthorized === false) found.push("The certificate of Redis is not verified.");
  if (password === undefined && tls?.cert === undefined) found.push("Redis is used without a password.");
  return found;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
