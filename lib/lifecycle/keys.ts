import type { KeyObject } from "node:crypto";
import { ConfigError } from "../errors.ts";
import type { KeyRecord, KeySecret } from "../records.ts";
import { digestApiKey, generateApiKey } from "../secrets/api-key.ts";
import { randomBase62 } from "../secrets/base62.ts";
import { digestImportedToken, importedTokenWarning, isTokenText, lastFour } from "../secrets/imported-token.ts";
import { type ConditionsInput, newRecord, touched } from "./conditions.ts";
import type { ChangeContext } from "./context.ts";

/** As in generated keys, so that an imported one can be rotated to such. */
const idLength = 12;

export interface KeyInput extends ConditionsInput {
  readonly name: string;
  readonly kind?: KeyRecord["kind"] | undefined;
}

/** A record, and the secret that is shown once and kept nowhere. */
export interface Issued {
  readonly record: KeyRecord;
  readonly secret: string;
}

export interface Imported {
  readonly record: KeyRecord;
  /** Plain words, where the token is easier to guess than a key made here. */
  readonly warning?: string;
}

/** A new key. `prefix` is the store's. Throws `ConfigError` for an unfit prefix. */
export function createKey(input: KeyInput, prefix: string, context: ChangeContext): Issued {
  const record = { ...newRecord("", input.name, input, context), kind: input.kind ?? "server" } as const;
  const { text, id } = generateApiKey({ prefix, environment: record.environment, ...randomness(context) });
  return { record: { ...record, id, secrets: [issuedSecret(text, context)] }, secret: text };
}

/** A key for a token that people brought along. Throws `ConfigError` without a master key, or for an unfit token. */
export function importToken(
  token: string,
  input: KeyInput,
  masterKey: KeyObject | undefined,
  context: ChangeContext,
): Imported {
  if (!masterKey) throw new ConfigError("masterKey", "Tokens can be imported only into a store with a master key.");
  if (!isTokenText(token)) {
    throw new ConfigError("token", "A token takes 1 to 256 visible ASCII characters, without blanks.");
  }
  const secret = {
    digest: digestImportedToken(token, masterKey),
    lastFour: lastFour(token),
    createdAt: context.now,
  };
  const base = newRecord(randomBase62(idLength, context.randomBytes), input.name, input, context);
  const warning = tokenWarning(token);
  return { record: { ...base, kind: input.kind ?? "server", secrets: [secret] }, ...(warning && { warning }) };
}

/** What to tell a person who brings a weak token; undefined for a strong one. */
export function tokenWarning(token: string): string | undefined {
  const warning = importedTokenWarning(token);
  if (warning === "short") {
    return "This token is short: it can be guessed. Replace it with a generated key as soon as its callers can change.";
  }
  if (warning === "repetitive") {
    return "This token has few different characters: it can be guessed. Replace it with a generated key.";
  }
  return undefined;
}

/**
 * The key with a new secret. The one it had stays valid for `overlapMs` more (0: not at all), an older one ends now.
 * Id, history and counters stay. Throws `ConfigError` for an unfit prefix, or an id that generated keys cannot bear.
 */
export function rotateKey(
  record: KeyRecord,
  { overlapMs, prefix }: { readonly overlapMs: number; readonly prefix: string },
  context: ChangeContext,
): Issued {
  const { text } = generateApiKey({
    prefix,
    environment: record.environment,
    id: record.id,
    ...randomness(context),
  });
  const previous = record.secrets[0];
  const overlap = overlapMs > 0 && previous ? [ending(previous, context.now + overlapMs)] : [];
  return { record: { ...touched(record, context), secrets: [issuedSecret(text, context), ...overlap] }, secret: text };
}

/** The key with its current secret only. The same record when there is no other. */
export function endOverlap(record: KeyRecord, context: ChangeContext): KeyRecord {
  return record.secrets.length < 2 ? record : { ...touched(record, context), secrets: record.secrets.slice(0, 1) };
}

function ending(secret: KeySecret, at: number): KeySecret {
  return { ...secret, expiresAt: Math.min(at, secret.expiresAt ?? at) };
}

function issuedSecret(text: string, { now }: ChangeContext): KeySecret {
  return { digest: digestApiKey(text), lastFour: lastFour(text), createdAt: now };
}

function randomness({ randomBytes }: ChangeContext) {
  return randomBytes ? { randomBytes } : {};
}
