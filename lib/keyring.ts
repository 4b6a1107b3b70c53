import type { KeyObject } from "node:crypto";
import type { Awaitable } from "./check.ts";
import { stateRefusal } from "./conditions.ts";
import type { Passwords } from "./passwords.ts";
import { andThen, type Proof } from "./proof.ts";
import type { KeyRecord, UserRecord } from "./records.ts";
import { digestApiKey, parseApiKey } from "./secrets/api-key.ts";
import { equalDigestTexts } from "./secrets/equal.ts";
import { digestImportedToken, isTokenText } from "./secrets/imported-token.ts";
import type { Store } from "./store.ts";

/** Finds whoever a credential belongs to. One for each store, so that caches and queues are shared by its checks. */
export interface Keyring {
  /** True for the form of keys made here, whether or not the key exists. */
  isKey(text: string): boolean;
  proveToken(token: string): Awaitable<Proof<KeyRecord>>;
  /** `source` tells whoever asks, so that one who guesses does not hold up the others. */
  provePassword(user: string, password: string, source: () => string): Awaitable<Proof<UserRecord>>;
}

export interface KeyringOptions {
  readonly store: Store;
  /** First part of the keys made here, such as `gh`. */
  readonly prefix: string;
  /** Absent when the store has none; then imported tokens cannot be known. */
  readonly masterKey: KeyObject | undefined;
  readonly passwords: Passwords;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function keyring({ store, prefix, masterKey, passwords, now }: KeyringOptions): Keyring {
  const isKey = (text: string) => parseApiKey(text, prefix) !== undefined;

  function proveToken(token: string): Awaitable<Proof<KeyRecord>> {
    const parsed = parseApiKey(token, prefix);
    if (parsed)
      return andThen(store.get("key", parsed.id), (record) => matchSecret(record, digestApiKey(token), now()));
    if (!masterKey || !isTokenText(token)) return { reason: "unknown" };
    const digest = digestImportedToken(token, masterKey);
    return andThen(store.findKeyByDigest(digest), (record) => matchSecret(record, digest, now()));
  }

  return { isKey, proveToken, provePassword: passwords.prove };
}

const nobody = `sha256:${"A".repeat(43)}`;

/** Compares with something even when there is no such key, so that the time tells nothing. */
function matchSecret(record: KeyRecord | undefined, digest: string, now: number): Proof<KeyRecord> {
  if (!record) {
    equalDigestTexts(digest, nobody);
    return { reason: "unknown" };
  }
  const secret = record.secrets.find((candidate) => equalDigestTexts(digest, candidate.digest));
  if (!secret) return { reason: "wrong-secret", id: record.id };
  if (secret.expiresAt !== undefined && now >= secret.expiresAt) return { reason: "expired", id: record.id };
  const refusal = stateRefusal(record, now);
  return refusal ? { reason: refusal, id: record.id } : { record };
}
