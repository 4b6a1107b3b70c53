import { setTimeout as pauseFor } from "node:timers/promises";
import type { Reason } from "./check.ts";
import { stateRefusal } from "./conditions.ts";
import type { FailureThrottle } from "./failure-throttle.ts";
import type { Proof } from "./proof.ts";
import type { UserRecord } from "./records.ts";
import { type EvenTime, evenTime } from "./secrets/even-time.ts";
import type { HashQueue } from "./secrets/hash-queue.ts";
import {
  dummyPasswordHash,
  hashPassword,
  isUsableHash,
  type PasswordMatch,
  verifyPassword,
} from "./secrets/password-hash.ts";
import type { SuccessCache } from "./secrets/success-cache.ts";
import type { Store } from "./store.ts";

/** What a hash starts with: its kind and what it costs, without the salt. */
const kindAndCost = /^(?:\$[^$]*\$(?:\d\d\$|rounds=\d+\$|v=\d+\$[^$]*)?|\{\w+\})/;

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
  readonly throttle: FailureThrottle;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of what went wrong off the request's path, as when an old hash could not be replaced. */
  readonly onFault: (error: unknown) => void;
  /** For tests; a timer by default. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/**
 * Compares a password with a hash, in its turn. Unknown, disabled and expired users cost the same work as a wrong
 * password, and refusals take as long for one kind of hash as for another, so that the time tells nothing (R10).
 * Rejects with an `OverloadError` when too many wait.
 */
export function hashProver({ store, queue, cache, throttle, now, onFault, pause = pauseFor }: HashProofOptions) {
  const times = evenTime();

  /** The record may have changed while the hash was computed: what it says now counts. */
  async function settle(record: UserRecord, secret: string, outdated: boolean): Promise<Proof<UserRecord>> {
    const fresh = await store.get("user", record.id);
    if (!fresh) return { reason: "unknown" };
    if (fresh.passwordHash !== record.passwordHash) return { reason: "secret-mismatch", id: record.id };
    const refusal = stateRefusal(fresh, now());
    if (refusal) return { reason: refusal, id: record.id };
    cache.add(fresh.id, fresh.version, secret, now());
    if (outdated && store.backend !== "credentials") void upgrade(fresh, secret).catch(onFault);
    return { record: fresh };
  }

  /** Replaces an imported or outdated hash after its first success (R34). A change in between wins. */
  async function upgrade(record: UserRecord, secret: string): Promise<void> {
    // The queue is shared by all stores: under the user's name alone, one would be given another's password.
    const flight = `upgrade ${cache.keyOf(record.id, record.version, secret)}`;
    const passwordHash = await queue.singleFlight(flight, () => hashPassword(secret), "upgrade");
    await store.put("user", { ...record, passwordHash, version: record.version + 1, updatedAt: now() });
  }

  /** Counts as failed until it is known not to be: of guesses that come at once, no more are compared than may be. */
  async function attempt(record: UserRecord | undefined, { name, secret, source }: PasswordAttempt) {
    if (throttle.failed(source, name, now())) return undefined;
    const hash = record && isUsableHash(record.passwordHash) ? record.passwordHash : dummyPasswordHash;
    const { match, outdated, tookMs } = await compare(hash, secret, times);
    const reason = refusalOf(record, match, now());
    if (!reason) throttle.forgive(source, name);
    return { reason, outdated, tookMs };
  }

  /** Undefined, and nothing compared, when there were too many failures by the time that its turn came. */
  return async function proveByHash(
    record: UserRecord | undefined,
    tried: PasswordAttempt,
  ): Promise<Proof<UserRecord> | undefined> {
    const { name, secret, source } = tried;
    const flight = `${source} ${cache.keyOf(name, record?.version ?? 0, secret)}`;
    const compared = await queue.singleFlight(flight, () => attempt(record, tried), source);
    if (!compared) return undefined;
    const { reason, outdated, tookMs } = compared;
    if (record && !reason) return settle(record, secret, outdated);
    await pause(times.restMs(tookMs));
    return { reason: reason as Reason, ...(record ? { id: record.id } : { attempted: name }) };
  };
}

type Timed = PasswordMatch & { readonly tookMs: number };

async function compare(hash: string, secret: string, times: EvenTime): Promise<Timed> {
  const startedAt = performance.now();
  const compared = await verifyPassword(hash, secret);
  const tookMs = performance.now() - startedAt;
  times.note(String(kindAndCost.exec(hash)), tookMs);
  return { ...compared, tookMs };
}

function refusalOf(record: UserRecord | undefined, match: boolean, now: number): Reason | undefined {
  if (!record) return "unknown";
  if (!isUsableHash(record.passwordHash)) return "unusable-record";
  return match ? stateRefusal(record, now) : "secret-mismatch";
}
