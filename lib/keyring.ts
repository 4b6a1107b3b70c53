import type { KeyObject } from "node:crypto";
import type { Awaitable } from "./check.ts";
import { stateRefusal } from "./conditions.ts";
import type { FailureThrottle } from "./failure-throttle.ts";
import type { Passwords } from "./passwords.ts";
import { andThen, type Proof } from "./proof.ts";
import type { KeyRecord, UserRecord } from "./records.ts";
import { digestApiKey, parseApiKey } from "./secrets/api-key.ts";
import { equalDigestTexts } from "./secrets/equal.ts";
import { digestImportedToken, isTokenText } from "./secrets/imported-token.ts";
import type { Store } from "./store.ts";
import type { UsageLog } from "./usage.ts";

/** Finds whoever a credential belongs to. One for each store, so that its checks share caches, queues and limits. */
export interface Keyring {
  /** True for the form of keys made here, whether or not the key exists. */
  isKey(text: string): boolean;
  /** `source` tells who asks, as addresses are counted; it is asked only where that matters. */
  proveToken(token: string, source: () => string): Awaitable<Proof<KeyRecord>>;
  /** Rejects with an `OverloadError` when too many hashes wait. */
  provePassword(user: string, password: string, source: () => string): Awaitable<Proof<UserRecord>>;
}

export interface KeyringOptions {
  readonly store: Store;
  /** First part of the keys made here, such as `gh`. */
  readonly prefix: string;
  /** Absent when the store has none; then imported tokens cannot be known. */
  readonly masterKey: KeyObject | undefined;
  readonly passwords: Passwords;
  readonly throttle: FailureThrottle;
  /** Absent where nobody asks when a key was last used. */
  readonly usage?: UsageLog | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function keyring({ store, prefix, masterKey, passwords, throttle, usage, now }: KeyringOptions): Keyring {
  const isKey = (text: string) => parseApiKey(text, prefix) !== undefined;

  /** Nobody guesses 256 bits, so a right key passes however many wrong ones came from its address. */
  function proveKey(id: string, text: string, source: () => string): Awaitable<Proof<KeyRecord>> {
    return andThen(store.get("key", id), (record) => proveSecret(record, id, digestApiKey(text), source));
  }

  /** A token that people brought along may be guessed: whoever failed too often is not even listened to. */
  function proveImported(token: string, source: () => string): Awaitable<Proof<KeyRecord>> {
    const waitMs = throttle.addressWaitMs(source(), now());
    if (waitMs > 0) return { reason: "too-many-failures", waitMs };
    if (!masterKey || !isTokenText(token)) return counted({ reason: "unknown" }, source);
    const digest = digestImportedToken(token, masterKey);
    return andThen(store.findKeyByDigest(digest), (record) => proveSecret(record, digest, digest, source));
  }

  function proveSecret(
    record: KeyRecord | undefined,
    attempted: string,
    digest: string,
    source: () => string,
  ): Proof<KeyRecord> {
    const proof = matchSecret(record, attempted, digest, now());
    if (proof.record) usage?.note("key", proof.record.id, digest, source);
    return counted(proof, source);
  }

  function provePassword(user: string, password: string, source: () => string): Awaitable<Proof<UserRecord>> {
    return andThen(passwords.prove(user, password, source), (proof) => {
      if (proof.record) usage?.note("user", proof.record.id, undefined, source);
      return proof;
    });
  }

  function counted(proof: Proof<KeyRecord>, source: () => string): Proof<KeyRecord> {
    if (proof.record || !throttle.failed(source(), undefined, now())) return proof;
    return { reason: "too-many-failures", waitMs: throttle.addressWaitMs(source(), now()) };
  }

  return {
    isKey,
    proveToken(token, source) {
      const parsed = parseApiKey(token, prefix);
      return parsed ? proveKey(parsed.id, token, source) : proveImported(token, source);
    },
    provePassword,
  };
}

const nobody = `sha256:${"A".repeat(43)}`;

/** Compares with something even when there is no such key, so that the time tells nothing. `attempted` holds no secret. */
function matchSecret(record: KeyRecord | undefined, attempted: string, digest: string, now: number): Proof<KeyRecord> {
  if (!record) {
    equalDigestTexts(digest, nobody);
    return { reason: "unknown", attempted };
  }
  const secret = record.secrets.find((candidate) => equalDigestTexts(digest, candidate.digest));
  if (!secret) return { reason: "secret-mismatch", id: record.id };
  if (secret.expiresAt !== undefined && now >= secret.expiresAt) return { reason: "expired", id: record.id };
  const refusal = stateRefusal(record, now);
  return refusal ? { reason: refusal, id: record.id } : { record };
}
