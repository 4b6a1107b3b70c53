import type { Reason } from "./check.ts";
import { stateRefusal } from "./conditions.ts";
import type { Proof } from "./proof.ts";
import type { UserRecord } from "./records.ts";
import type { HashQueue } from "./secrets/hash-queue.ts";
import { dummyPasswordHash, hashPassword, isUsableHash, verifyPassword } from "./secrets/password-hash.ts";
import type { SuccessCache } from "./secrets/success-cache.ts";
import type { Store } from "./store.ts";

/** Name and password, normalised, and who tries them. */
export interface PasswordAttempt {
  readonly name: string;
  readonly secret: string;
  readonly source: string;
}

export interface HashProofOptions {
  readonly store: Store;
  readonly queue: HashQueue;
  readonly cache: SuccessCache;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of what went wrong off the request's path, as when an old hash could not be replaced. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Compares a password with a hash, in its turn. Unknown, disabled and expired users cost the same work as a wrong
 * password, so that the time tells nothing (R10). Rejects with an `OverloadError` when too many wait.
 */
export function hashProver({ store, queue, cache, now, onFault }: HashProofOptions) {
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

  return async function proveByHash(
    record: UserRecord | undefined,
    { name, secret, source }: PasswordAttempt,
  ): Promise<Proof<UserRecord>> {
    const usable = record !== undefined && isUsableHash(record.passwordHash);
    const hash = usable ? record.passwordHash : dummyPasswordHash;
    const flight = cache.keyOf(name, record?.version ?? 0, secret);
    const { match, outdated } = await queue.singleFlight(flight, () => verifyPassword(hash, secret), source);
    if (!record) return { reason: "unknown" };
    const reason = refusalOf(match, usable, record);
    return reason ? { reason, id: record.id } : settle(record, secret, outdated);
  };
}
