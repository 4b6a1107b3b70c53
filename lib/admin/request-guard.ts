import { isIP } from "node:net";
import { isObject } from "./reader.ts";

/** What the guard reads of a request. */
export interface GuardedRequest {
  /** The part of the target after `?`. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  /** Address of the connection's other end. */
  readonly peer: string | undefined;
  readonly encrypted: boolean;
}

export interface GuardOptions {
  /** Node-RED has `adminAuth`: whoever passes `needsPermission` is known. */
  readonly hasAdminAuth: boolean;
  /** `gatehouse: { allowOpenAdmin: true }` in settings.js. */
  readonly allowOpenAdmin: boolean;
  /** `gatehouse: { adminOrigins: [...] }` in settings.js: origins of the editor behind a proxy that changes `Host`. */
  readonly adminOrigins: readonly string[];
}

export interface GuardRefusal {
  readonly status: 400 | 403;
  readonly detail: string;
}

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
/** A proxy on the same machine hides from where the caller is. */
const proxyHeaders = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/**
 * Why a request to the admin API is refused before anybody asks who it is from; undefined when it is not (R42, R43, R46).
 */
export function guardRefusal(request: GuardedRequest, options: GuardOptions): GuardRefusal | undefined {
  if (new URLSearchParams(request.query).has("access_token")) {
    return { status: 400, detail: "An access token belongs into the Authorization header: addresses are logged." };
  }
  if (countHeader(request.rawHeaders, "host") > 1) return { status: 400, detail: "The Host header is repeated." };
  if (isCrossSite(request, options.adminOrigins)) {
    return { status: 403, detail: "Requests from pages of another origin are refused." };
  }
  if (options.hasAdminAuth || options.allowOpenAdmin || isLocal(request)) return undefined;
  return {
    status: 403,
    detail:
      "Without adminAuth in settings.js, keys are managed from this machine only: by a loopback address, with a loopback host name, through no proxy.",
  };
}

function isCrossSite({ headers, encrypted }: GuardedRequest, adminOrigins: readonly string[]): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return typeof origin !== "string" || !(isOwnOrigin(origin, host, encrypted) || adminOrigins.includes(origin));
}

/** A proxy may have taken TLS off, so https is an origin of a plain connection too; http is none of an encrypted one. */
function isOwnOrigin(origin: string, host: unknown, encrypted: boolean): boolean {
  if (typeof host !== "string" || host === "") return false;
  const own = host.toLowerCase();
  return origin === `https://${own}` || (!encrypted && origin === `http://${own}`);
}

function isLocal({ headers, peer }: GuardedRequest): boolean {
  if (proxyHeaders.some((name) => headers[name] !== undefined)) return false;
  return isLoopback(peer) && typeof headers.host === "string" && loopbackHost.test(headers.host);
}

function isLoopback(peer: string | undefined): boolean {
  const address = peer?.replace(/^::ffff:/i, "") ?? "";
  return address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

function countHeader(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}

/** Largest body, in bytes. */
const bodyLimit = 64 * 1024;

/** What is wrong with the form of a body that was parsed already; undefined for a JSON object of bearable size. */
export function bodyRefusal(
  headers: GuardedRequest["headers"],
  body: unknown,
): { readonly status: 400 | 413 | 415; readonly detail: string } | undefined {
  const type = headers["content-type"];
  if (typeof type !== "string" || !/^application\/json(?:; ?charset="?utf-8"?)?$/i.test(type)) {
    return { status: 415, detail: "The body must be application/json." };
  }
  if (headers["content-encoding"] !== undefined) return { status: 415, detail: "The body may not be encoded." };
  if (!isObject(body)) return { status: 400, detail: "The body must be a JSON object." };
  // The length may be missing, with chunks.
  const size = Math.max(Number(headers["content-length"] ?? 0), Buffer.byteLength(JSON.stringify(body)));
  return size > bodyLimit ? { status: 413, detail: "The body takes at most 64 KiB." } : undefined;
}
