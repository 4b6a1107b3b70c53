import type { Awaitable } from "./check.ts";
import { stateRefusal } from "./conditions.ts";
import { normalisePassword, normaliseUserName } from "./names.ts";
import { type HashProofOptions, hashProver, type PasswordAttempt } from "./password-proof.ts";
import { andThen, type Proof } from "./proof.ts";
import type { UserRecord } from "./records.ts";

export interface Passwords {
  /** As `Keyring#provePassword`. */
  prove(user: string, password: string, source: () => string): Awaitable<Proof<UserRecord>>;
}

/**
 * Proves users by their passwords: those seen lately at once, the others by a hash. Who guesses has to wait; a success
 * seen lately passes by those who guess for other users from the same address.
 */
export function passwords(options: HashProofOptions): Passwords {
  const { store, cache, throttle, now } = options;
  const proveByHash = hashProver(options);

  async function proveSlowly(record: UserRecord | undefined, attempt: PasswordAttempt): Promise<Proof<UserRecord>> {
    const { name, source } = attempt;
    const waitMs = throttle.addressWaitMs(source, now());
    if (waitMs > 0) return tooMany(waitMs, name);
    const proof = await proveByHash(record, attempt);
    if (!proof) return tooMany(longestWaitMs(attempt), name);
    if (proof.record) throttle.succeeded(source, name);
    return proof;
  }

  function longestWaitMs({ name, source }: PasswordAttempt): number {
    return Math.max(throttle.identityWaitMs(source, name, now()), throttle.addressWaitMs(source, now()));
  }

  function isCached(record: UserRecord, secret: string): boolean {
    return stateRefusal(record, now()) === undefined && cache.has(record.id, record.version, secret, now());
  }

  return {
    prove(user, password, source) {
      const name = normaliseUserName(user);
      const secret = normalisePassword(password);
      const attempt = { name: name ?? user, secret: secret ?? password, source: source() };
      const waitMs = throttle.identityWaitMs(attempt.source, attempt.name, now());
      if (waitMs > 0) return tooMany(waitMs, attempt.name);
      if (name === undefined || secret === undefined) return proveSlowly(undefined, attempt);
      return andThen(store.get("user", name), (record): Awaitable<Proof<UserRecord>> => {
        if (record && isCached(record, secret)) return { record };
        return proveSlowly(record, attempt);
      });
    },
  };
}

function tooMany(waitMs: number, attempted: string): Proof<UserRecord> {
  return { reason: "too-many-failures", attempted, waitMs };
}
