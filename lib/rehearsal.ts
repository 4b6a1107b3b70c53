import type { KeyObject } from "node:crypto";
import type { FailureThrottle } from "./failure-throttle.ts";
import { type Keyring, keyring } from "./keyring.ts";
import { stateOf } from "./lifecycle/views.ts";
import { passwords } from "./passwords.ts";
import { andThen } from "./proof.ts";
import type { KeyRecord, UserRecord } from "./records.ts";
import type { HashQueue } from "./secrets/hash-queue.ts";
import { successCache } from "./secrets/success-cache.ts";
import type { Store } from "./store.ts";

/** What a decision that is only thought up looked at, in words and values that hold no secret. */
export interface RehearsalStep {
  readonly step: string;
  readonly [member: string]: unknown;
}

export type NoteStep = (step: RehearsalStep) => void;

export interface RehearsalOptions {
  readonly store: Store;
  readonly prefix: string;
  readonly masterKey: KeyObject | undefined;
  readonly queue: HashQueue;
  readonly throttle: FailureThrottle;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * A keyring that says what it looks up. It sees what the real one sees, those who have to wait included, but counts no
 * failure and no success, remembers nothing, and writes nothing.
 */
export function rehearsalKeyring(options: RehearsalOptions, note: NoteStep): Keyring {
  const { store, throttle, now } = options;
  const parts = { ...options, store: watched(store, note, now), throttle: silent(throttle, note) };
  return keyring({ ...parts, passwords: passwords({ ...parts, cache: successCache(), onFault: nothing }) });
}

const nothing = () => undefined;

function watched(store: Store, note: NoteStep, now: () => number): Store {
  return {
    ...store,
    // Tells who proves passwords that hashes cannot be replaced here.
    backend: "credentials",
    get: (kind, id) =>
      andThen(store.get(kind, id), (record) => {
        note({ step: "lookup", kind, ...found(record, now()) });
        return record;
      }),
    findKeyByDigest: (digest) =>
      andThen(store.findKeyByDigest(digest), (record) => {
        note({ step: "lookup", kind: "key", by: "token", ...found(record, now()) });
        return record;
      }),
  };
}

/** What was asked for may be a secret in the wrong place, so only what is there is named. */
function found(record: KeyRecord | UserRecord | undefined, now: number) {
  if (!record) return { found: false };
  const { id, name, environment, scopes, addresses, version } = record;
  return { found: true, id, name, state: stateOf(record, now), environment, scopes, addresses, version };
}

function silent(throttle: FailureThrottle, note: NoteStep): FailureThrottle {
  const told = (waitMs: number): number => {
    if (waitMs > 0) note({ step: "throttle", retryAfterSeconds: Math.ceil(waitMs / 1000) });
    return waitMs;
  };
  return {
    identityWaitMs: (address, identity, now) => told(throttle.identityWaitMs(address, identity, now)),
    addressWaitMs: (address, now) => told(throttle.addressWaitMs(address, now)),
    failed: () => false,
    succeeded: nothing,
    forgive: nothing,
    unlock: nothing,
  };
}
