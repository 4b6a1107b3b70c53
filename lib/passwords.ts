import type { Awaitable, Reason } from "./check.ts";
import { stateRefusal } from "./conditions.ts";
import { normalisePassword, normaliseUserName } from "./names.ts";
import { andThen, type Proof } from "./proof.ts";
import type { UserRecord } from "./records.ts";
import type { HashQueue } from "./secrets/hash-queue.ts";
import { dummyPasswordHash, hashPassword, isUsableHash, verifyPassword } from "./secrets/password-hash.ts";
import type { SuccessCache } from "./secrets/success-cache.ts";
import type { Store } from "./store.ts";

export interface Passwords {
  /** `source` tells whoever asks, so that one who guesses does not hold up the others. Rejects with an `OverloadError`. */
  prove(user: string, password: string, source: () => string): Awaitable<Proof<UserRecord>>;
}

export interface PasswordsOptions {
  readonly store: Store;
  readonly queue: HashQueue;
  readonly cache: SuccessCache;
  readonly now: () => number;
  /** Told of what went wrong off the request's path, as when an old hash could not be replaced. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Proves users by their passwords. Unknown, disabled and expired users cost the same work as a wrong password, so that
 * the time tells nothing; a success seen lately costs none.
 */
export function passwords({ store, queue, cache, now, onFault }: PasswordsOptions): Passwords {
  function prove(user: string, password: string, source: () => string): Awaitable<Proof<UserRecord>> {
    const name = normaliseUserName(user);
    const secret = normalisePassword(password);
    if (name === undefined || secret === undefined) return proveByHash(undefined, user, password, source);
    return andThen(store.get("user", name), (record): Awaitable<Proof<UserRecord>> => {
      if (record && isCached(record, secret)) return { record };
      return proveByHash(record, name, secret, source);
    });
  }

  function isCached(record: UserRecord, secret: string): boolean {
    return stateRefusal(record, now()) === undefined && cache.has(record.id, record.version, secret, now());
  }

  async function proveByHash(
    record: UserRecord | undefined,
    name: string,
    secret: string,
    source: () => string,
  ): Promise<Proof<UserRecord>> {
    const usable = record !== undefined && isUsableHash(record.passwordHash);
    const hash = usable ? record.passwordHash : dummyPasswordHash;
    const flight = cache.keyOf(name, record?.version ?? 0, secret);
    const { match, outdated } = await queue.singleFlight(flight, () => verifyPassword(hash, secret), source());
    if (!record) return { reason: "unknown" };
    const reason = refusalOf(match, usable, record);
    return reason ? { reason, id: record.id } : settle(record, secret, outdated);
  }

  function refusalOf(match: boolean, usable: boolean, record: UserRecord): Reason | undefined {
    if (!usable) return "unusable-record";
    return match ? stateRefusal(record, now()) : "wrong-secret";
  }

  /** The record may have changed while the hash was computed: what it says now counts. */
  async function settle(record: UserRecord, secret: string, outdated: boolean): Promise<Proof<UserRecord>> {
    const fresh = await store.get("user", record.id);
    if (!fresh) return { reason: "unknown" };
    if (fresh.passwordHash !== record.passwordHash) return { reason: "wrong-secret", id: record.id };
    const refusal = stateRefusal(fresh, now());
    if (refusal) return { reason: refusal, id: record.id };
    cache.add(fresh.id, fresh.version, secret, now());
    if (outdated && store.backend !== "credentials") void upgrade(fresh, secret).catch(onFault);
    return { record: fresh };
  }

  /** Replaces an imported or outdated hash after its first success (R34). A change in between wins. */
  async function upgrade(record: UserRecord, secret: string): Promise<void> {
    const passwordHash = await queue.singleFlight(`upgrade ${record.id}`, () => hashPassword(secret), "upgrade");
    await store.put("user", { ...record, passwordHash, version: record.version + 1, updatedAt: now() });
  }

  return { prove };
}
