/** The password hashes that can be verified. */
export type HashKind = "argon2id" | "bcrypt" | "apr1" | "sha1" | "ssha" | "sha256-crypt" | "sha512-crypt";

export interface Argon2Hash {
  readonly kind: "argon2id";
  /** Weaker than `argon2Parameters`. */
  readonly outdated: boolean;
}

export interface BcryptHash {
  readonly kind: "bcrypt";
}

export interface Sha1Hash {
  readonly kind: "sha1" | "ssha";
  readonly digest: Buffer;
  readonly salt: Buffer;
}

export interface Apr1Hash {
  readonly kind: "apr1";
  readonly digest: string;
  readonly salt: string;
}

export interface ShaCryptHash {
  readonly kind: "sha256-crypt" | "sha512-crypt";
  readonly digest: string;
  readonly salt: string;
  readonly rounds: number;
}

export type CryptHash = Apr1Hash | ShaCryptHash;
export type PasswordHash = Argon2Hash | BcryptHash | Sha1Hash | CryptHash;

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. Memory in KiB. */
export const argon2Parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const maxTextLength = 512;
const maxArgon2Memory = 262_144;
/** Passes times KiB: about a second of work. */
const maxArgon2Work = 1_048_576;
const maxBcryptCost = 14;
const minShaRounds = 1000;
const maxShaRounds = 500_000;
const defaultShaRounds = 5000;
const sha1Size = 20;

/**
 * Reads a stored hash; undefined where it is of no known form, or would take too long (security requirement R33):
 * bcrypt above cost 14, SHA-crypt above 500,000 rounds, argon2id above 256 MiB.
 */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  if (text.length > maxTextLength) return undefined;
  if (text.startsWith("$argon2id$")) return parseArgon2(text);
  if (text.startsWith("$2")) return parseBcrypt(text);
  if (text.startsWith("$apr1$")) return parseApr1(text);
  if (text.startsWith("{")) return parseSha1(text);
  return parseShaCrypt(text);
}

function parseArgon2(text: string): Argon2Hash | undefined {
  const match =
    /^\$argon2id\$v=19\$m=([1-9]\d{0,5}),t=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [memory, passes, lanes] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const salt = decodeBase64(match[4] as string, false);
  const digest = decodeBase64(match[5] as string, false);
  // RFC 9106 section 3.1 asks for 8 KiB a lane.
  if (memory > maxArgon2Memory || memory * passes > maxArgon2Work || memory < 8 * lanes) return undefined;
  if (salt === undefined || digest === undefined) return undefined;
  const weaker = memory < argon2Parameters.memoryCost || passes < argon2Parameters.timeCost;
  return { kind: "argon2id", outdated: weaker || salt.length < 16 || digest.length < 32 };
}

function parseBcrypt(text: string): BcryptHash | undefined {
  const cost = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text)?.[1];
  return Number(cost) >= 4 && Number(cost) <= maxBcryptCost ? { kind: "bcrypt" } : undefined;
}

function parseApr1(text: string): Apr1Hash | undefined {
  const match = /^\$apr1\$([!-#%-9;-~]{1,8})\$([./A-Za-z0-9]{22})$/.exec(text);
  if (match === null) return undefined;
  return { kind: "apr1", salt: match[1] as string, digest: match[2] as string };
}

function parseSha1(text: string): Sha1Hash | undefined {
  const kind = text.startsWith("{SHA}") ? "sha1" : "ssha";
  if (kind === "ssha" && !text.startsWith("{SSHA}")) return undefined;
  const bytes = decodeBase64(text.slice(text.indexOf("}") + 1), true);
  if (bytes === undefined || bytes.length < sha1Size) return undefined;
  const salted = bytes.length > sha1Size;
  return salted === (kind === "ssha")
    ? { kind, digest: bytes.subarray(0, sha1Size), salt: bytes.subarray(sha1Size) }
    : undefined;
}

function parseShaCrypt(text: string): ShaCryptHash | undefined {
  const match = /^\$([56])\$(?:rounds=([1-9]\d{0,8})\$)?([!-#%-9;-~]{1,16})\$([./A-Za-z0-9]{43,86})$/.exec(text);
  const rounds = Number(match?.[2] ?? defaultShaRounds);
  if (match === null || rounds > maxShaRounds) return undefined;
  const kind = match[1] === "5" ? "sha256-crypt" : "sha512-crypt";
  const digest = match[4] as string;
  if (digest.length !== (kind === "sha256-crypt" ? 43 : 86)) return undefined;
  return { kind, digest, salt: match[3] as string, rounds: Math.max(rounds, minShaRounds) };
}

/** Strict base64 (RFC 4648 section 3.5): one text for each sequence of bytes. */
function decodeBase64(text: string, padded: boolean): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  const canonical = bytes.toString("base64");
  return text === (padded ? canonical : canonical.replace(/=+$/, "")) ? bytes : undefined;
}
