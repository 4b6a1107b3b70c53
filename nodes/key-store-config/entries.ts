import type { KeyObject } from "node:crypto";
import { ConfigError } from "../../lib/errors.ts";
import { normalisePassword, normaliseUserName } from "../../lib/names.ts";
import { compileRanges } from "../../lib/net/ip-range.ts";
import type { KeyRecord, KeySecret, UserRecord } from "../../lib/records.ts";
import { digestApiKey, parseApiKey } from "../../lib/secrets/api-key.ts";
import { digestImportedToken, isTokenText, lastFour } from "../../lib/secrets/imported-token.ts";
import { hashPasswordSync, isUsableHash } from "../../lib/secrets/password-hash.ts";
import type { KeyStoreEntry } from "./config.ts";
import { variableName } from "./secret-text.ts";

export interface EntryContext {
  readonly prefix: string;
  readonly masterKey: KeyObject | undefined;
  readonly now: number;
  /** The credential `secret<slot>`. */
  readonly secretOf: (slot: number) => string | undefined;
}

export interface Entries {
  readonly keys: readonly KeyRecord[];
  readonly users: readonly UserRecord[];
  /** One line for each entry that lets nobody in, and why. */
  readonly problems: readonly string[];
}

/** What the dialog's list and its credentials say, as records. An entry that cannot work is left out and named. */
export function recordsOf(entries: readonly KeyStoreEntry[], context: EntryContext): Entries {
  const keys = new Map<string, KeyRecord>();
  const users = new Map<string, UserRecord>();
  const problems: string[] = [];
  for (const entry of entries) {
    try {
      if (entry.type === "user") addOnce(users, userOf(entry, context));
      else addOnce(keys, keyOf(entry, context));
    } catch (error) {
      problems.push(`${entry.name || entry.id || "an entry without a name"}: ${(error as Error).message}`);
    }
  }
  return { keys: [...keys.values()], users: [...users.values()], problems };
}

function addOnce<R extends { readonly id: string }>(records: Map<string, R>, record: R): void {
  if (records.has(record.id)) throw new ConfigError("entries", "there is another entry of this name or id");
  records.set(record.id, record);
}

function keyOf(entry: KeyStoreEntry, context: EntryContext): KeyRecord {
  const secret = secretOf(entry, context);
  const made = entry.source === "environment" ? keySecretOf(secret, context) : storedSecretOf(entry, secret);
  const { id, ...stored } = made;
  return { ...baseOf(entry, context), id: id ?? entry.id, kind: "server", secrets: [stored] };
}

function userOf(entry: KeyStoreEntry, context: EntryContext): UserRecord {
  const id = normaliseUserName(entry.name);
  if (id === undefined) throw new ConfigError("entries", "this cannot be a user name");
  const secret = secretOf(entry, context);
  const passwordHash = entry.source === "environment" ? hashOf(secret) : secret;
  if (!isUsableHash(passwordHash)) throw new ConfigError("entries", "its password hash is of no known kind");
  return { ...baseOf(entry, context), id, name: id, passwordHash };
}

function secretOf(entry: KeyStoreEntry, context: EntryContext): string {
  const secret = context.secretOf(entry.slot) ?? "";
  if (secret === "") throw new ConfigError("entries", "its secret is missing; give it one in the store's dialog");
  // Node-RED leaves the text as it is when the variable is not set: never a secret.
  if (variableName(secret.trim()) !== undefined) {
    throw new ConfigError("entries", `the environment variable ${secret} is not set`);
  }
  return secret;
}

type MadeSecret = KeySecret & { readonly id?: string };

function keySecretOf(secret: string, { prefix, masterKey, now }: EntryContext): MadeSecret {
  const base = { lastFour: lastFour(secret), createdAt: now };
  const parsed = parseApiKey(secret, prefix);
  if (parsed) return { ...base, id: parsed.id, digest: digestApiKey(secret) };
  if (!isTokenText(secret)) throw new ConfigError("entries", "its value cannot be a token");
  if (!masterKey) throw new ConfigError("entries", "a token needs the store's master key");
  return { ...base, digest: digestImportedToken(secret, masterKey) };
}

function storedSecretOf({ id }: KeyStoreEntry, text: string): MadeSecret {
  const parsed = parseJson(text) as Partial<KeySecret> | null;
  const { digest, lastFour } = parsed ?? {};
  if (typeof digest !== "string" || !/^(hmac-)?sha256:[\w-]{43}$/.test(digest) || id === "") {
    throw new ConfigError("entries", "its secret cannot be read; make a new one");
  }
  return { digest, lastFour: typeof lastFour === "string" ? lastFour : "", createdAt: 0 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function hashOf(password: string): string {
  const normal = normalisePassword(password);
  if (normal === undefined) throw new ConfigError("entries", "its value cannot be a password");
  return hashPasswordSync(normal);
}

function baseOf(entry: KeyStoreEntry, { now }: EntryContext) {
  const expiresAt = entry.expiresAt === "" ? undefined : Date.parse(entry.expiresAt);
  if (Number.isNaN(expiresAt)) throw new ConfigError("entries", `"${entry.expiresAt}" is no date`);
  compileRanges(entry.addresses);
  return {
    name: entry.name,
    description: "",
    environment: entry.environment,
    scopes: entry.scopes,
    addresses: entry.addresses,
    ...(expiresAt !== undefined && { expiresAt }),
    disabled: entry.disabled,
    createdAt: now,
    createdBy: "editor",
    updatedAt: now,
    updatedBy: "editor",
    metadata: {},
    version: 1,
  };
}
