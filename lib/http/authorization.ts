import { isUtf8 } from "node:buffer";
import { ConfigError } from "../errors.ts";

const maxCredentialLength = 8192;
const maxUserBytes = 255;
const maxPasswordBytes = 1024;
const colon = 0x3a;

/** RFC 9110 section 11.2. */
const token68 = /^[A-Za-z0-9\-._~+/]+=*$/;
const schemeAndRest = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?$/s;
/** Visible ASCII, less what separates or quotes parameters: more than one thing is no token. */
const singleToken = /^[!#-+\--~]+$/;

export interface Authorization {
  /** In lower case. */
  readonly scheme: string;
  /** What follows, without the spaces in between; empty where nothing does. */
  readonly rest: string;
}

/** Not for this check; or for it, but not to be understood. */
export type NotParsed = { readonly kind: "other-scheme" } | { readonly kind: "malformed" };

export type ParsedBasic = NotParsed | { readonly kind: "ok"; readonly user: string; readonly password: string };
export type ParsedToken = NotParsed | { readonly kind: "ok"; readonly token: string };

const otherScheme: NotParsed = { kind: "other-scheme" };
const malformed: NotParsed = { kind: "malformed" };

/** Splits the value of `Authorization` (RFC 9110 section 11.4). Undefined beyond 8 KiB or without a scheme. */
export function parseAuthorization(value: string): Authorization | undefined {
  if (value.length > maxCredentialLength) return undefined;
  const match = schemeAndRest.exec(value);
  return match === null ? undefined : { scheme: (match[1] as string).toLowerCase(), rest: match[2] ?? "" };
}

/**
 * Reads user and password (RFC 7617 section 2): strict base64, strict UTF-8, no controls, user up to 255 and password
 * up to 1,024 bytes. Neither is normalised. `charset` is for callers that predate RFC 7617.
 */
export function parseBasic(value: string, charset: "utf-8" | "iso-8859-1" = "utf-8"): ParsedBasic {
  const parsed = restOf(value, "basic");
  if (typeof parsed !== "string") return parsed;
  const bytes = Buffer.from(parsed, "base64");
  // Only the one canonical text of these bytes comes back the same (RFC 4648 section 3.5).
  if (bytes.toString("base64") !== parsed) return malformed;
  if (charset === "utf-8" && !isUtf8(bytes)) return malformed;
  const split = bytes.indexOf(colon);
  if (split === -1 || split > maxUserBytes || bytes.length - split - 1 > maxPasswordBytes) return malformed;
  const text = bytes.toString(charset === "utf-8" ? "utf8" : "latin1");
  if (hasControl(text)) return malformed;
  const textSplit = text.indexOf(":");
  return { kind: "ok", user: text.slice(0, textSplit), password: text.slice(textSplit + 1) };
}

/** The value of `Authorization` for a user and password. Throws `ConfigError` for what RFC 7617 cannot carry. */
export function formatBasic(user: string, password: string): string {
  if (user.includes(":")) throw new ConfigError("user", "A user name for HTTP Basic takes no colon.");
  if (hasControl(user)) throw new ConfigError("user", "A user name for HTTP Basic takes no control characters.");
  if (hasControl(password)) throw new ConfigError("password", "A password for HTTP Basic takes no control characters.");
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** Reads a bearer token, strictly `b64token` (RFC 6750 section 2.1). */
export function parseBearer(value: string): ParsedToken {
  return tokenOf(value, "bearer", token68);
}

/** Reads `<scheme> <token>`: exactly one token, of visible ASCII without comma and quotation mark. `scheme` is in any case. */
export function parseSchemeToken(value: string, scheme: string): ParsedToken {
  return tokenOf(value, scheme.toLowerCase(), singleToken);
}

function tokenOf(value: string, scheme: string, form: RegExp): ParsedToken {
  const rest = restOf(value, scheme);
  if (typeof rest !== "string") return rest;
  return form.test(rest) ? { kind: "ok", token: rest } : malformed;
}

function restOf(value: string, scheme: string): string | NotParsed {
  const parsed = parseAuthorization(value);
  if (parsed === undefined) return malformed;
  return parsed.scheme === scheme ? parsed.rest : otherScheme;
}

/** CTL of RFC 5234 appendix B.1, which RFC 7617 forbids: C1 controls are none. */
function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
