import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Environment } from "../check.ts";
import { ConfigError } from "../errors.ts";
import { encodeBase62, endsInBase62, isBase62, type RandomBytes, randomBase62 } from "./base62.ts";

// <prefix>_<live|test>_<id>_<secret><checksum>
const environmentWords = { production: "live", sandbox: "test" } as const;
const idLength = 12;
/** 43 digits of log2(62) = 5.954 bits: 256 bits. */
const secretLength = 43;
/** 62^6 exceeds 2^32. */
const checksumLength = 6;
const lengthAfterPrefix = "_live_".length + idLength + "_".length + secretLength + checksumLength;

/** What names a key without proving it. */
export interface ApiKeyName {
  readonly id: string;
  readonly environment: Environment;
}

export interface NewApiKey {
  readonly prefix: string;
  readonly environment: Environment;
  /** The id to keep when a key is rotated; a new one by default. 12 base62 digits. */
  readonly id?: string;
  readonly randomBytes?: RandomBytes;
}

/** Returns the prefix if keys can bear it: 2 to 12 of a-z and 0-9. Throws `ConfigError` otherwise. */
export function checkedKeyPrefix(prefix: string): string {
  if (!/^[a-z0-9]{2,12}$/.test(prefix)) {
    throw new ConfigError("keyPrefix", "The prefix of keys takes 2 to 12 lower-case letters and digits.");
  }
  return prefix;
}

/** A new key. `text` is the secret: it is shown once and kept nowhere. Throws `ConfigError` for an unfit prefix or id. */
export function generateApiKey(options: NewApiKey): { readonly text: string; readonly id: string } {
  const id = options.id ?? randomBase62(idLength, options.randomBytes);
  if (id.length !== idLength || !isBase62(id)) {
    throw new ConfigError("id", `The id of a key takes ${idLength} letters and digits.`);
  }
  const name = nameText(checkedKeyPrefix(options.prefix), { id, environment: options.environment });
  const unchecked = name + randomBase62(secretLength, options.randomBytes);
  return { text: unchecked + checksum(unchecked), id };
}

/**
 * The name in a key of this prefix; undefined where form or checksum do not fit. The checksum proves nothing:
 * it spares the look-up for keys that were cut or mistyped.
 */
export function parseApiKey(text: string, prefix: string): ApiKeyName | undefined {
  if (text.length !== prefix.length + lengthAfterPrefix || !text.startsWith(prefix)) return undefined;
  const environment = environmentAt(text, prefix.length);
  if (environment === undefined) return undefined;
  const idStart = prefix.length + "_live_".length;
  const idEnd = idStart + idLength;
  const checksumStart = text.length - checksumLength;
  if (!isBase62(text, idStart, idEnd) || text.charCodeAt(idEnd) !== 0x5f) return undefined;
  if (!isBase62(text, idEnd + 1) || !endsInBase62(text, crc32(text.slice(0, checksumStart)), checksumLength))
    return undefined;
  return { id: text.slice(idStart, idEnd), environment };
}

/** What is stored of a generated key. A plain hash will do: 2^256 guesses leave nothing for a slow one to add. */
export function digestApiKey(text: string): string {
  // One-shot hashing takes a quarter of the time of createHash.
  return `sha256:${hash("sha256", text, "base64url")}`;
}

/** How a key is shown once its secret is gone: `gh_live_<id>_…<last four>`. Parses as no key. */
export function maskApiKey(prefix: string, name: ApiKeyName, lastFour: string): string {
  return `${nameText(prefix, name)}…${lastFour}`;
}

/** A regular expression, for secret scanners, that matches the keys of this prefix. */
export function apiKeyPattern(prefix: string): string {
  const words = Object.values(environmentWords).join("|");
  return `${checkedKeyPrefix(prefix)}_(?:${words})_[0-9A-Za-z]{${idLength}}_[0-9A-Za-z]{${secretLength + checksumLength}}`;
}

function nameText(prefix: string, { id, environment }: ApiKeyName): string {
  return `${prefix}_${environmentWords[environment]}_${id}_`;
}

function environmentAt(text: string, index: number): Environment | undefined {
  if (text.startsWith("_live_", index)) return "production";
  return text.startsWith("_test_", index) ? "sandbox" : undefined;
}

function checksum(text: string): string {
  return encodeBase62(crc32(text), checksumLength);
}
