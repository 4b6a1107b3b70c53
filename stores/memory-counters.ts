import { hash } from "node:crypto";
import { StoreError } from "../lib/errors.ts";
import { type Bucket, takeFrom } from "../lib/gcra.ts";
import type { Store, Taken } from "../lib/store.ts";

export interface MemoryCountersOptions {
  /** Buckets kept at most; beyond it the one that was not used for longest is forgotten. 100,000 by default. */
  readonly mostBuckets?: number;
  /** Live nonces kept at most; beyond it none can be claimed. 100,000 by default. */
  readonly mostNonces?: number;
}

/** Counters and nonces of this process alone, gone when it ends. */
export interface MemoryCounters {
  take(...values: Parameters<Store["take"]>): Taken;
  claim(...values: Parameters<Store["claim"]>): boolean;
}

export function memoryCounters({
  mostBuckets = 100_000,
  mostNonces = 100_000,
}: MemoryCountersOptions = {}): MemoryCounters {
  return { take: bucketTable(mostBuckets), claim: nonceTable(mostNonces) };
}

interface KeptBucket extends Bucket {
  readonly fullAt: number;
}

function bucketTable(most: number): MemoryCounters["take"] {
  // In the order of their last use, as each use puts a bucket at the end.
  const buckets = new Map<string, KeptBucket>();
  return (name, quota, cost, now) => {
    const key = shortKey(name);
    const { bucket, fullAt, taken } = takeFrom(buckets.get(key), quota, cost, now);
    if (bucket === undefined) return taken;
    buckets.delete(key);
    for (const [oldest, { fullAt: end }] of firstTwo(buckets)) {
      if (end <= now || buckets.size >= most) buckets.delete(oldest);
    }
    buckets.set(key, { ...bucket, fullAt });
    return taken;
  };
}

function nonceTable(most: number): MemoryCounters["claim"] {
  const ends = new Map<string, number>();
  /** Before this time no nonce ends, so looking for one is in vain. */
  let nextEnd = Number.POSITIVE_INFINITY;
  const forget = (entries: Iterable<readonly [string, number]>, now: number) => {
    for (const [key, end] of entries) if (end <= now) ends.delete(key);
  };
  const makeRoom = (now: number) => {
    forget(firstTwo(ends), now);
    if (ends.size < most || now < nextEnd) return;
    forget(ends, now);
    nextEnd = Number.POSITIVE_INFINITY;
    for (const end of ends.values()) nextEnd = Math.min(nextEnd, end);
  };
  return (nonce, expiresAt, now) => {
    checkTimes(expiresAt, now);
    const key = shortKey(nonce);
    if (expiresAt <= now || (ends.get(key) ?? 0) > now) return false;
    makeRoom(now);
    if (ends.size >= most) throw new StoreError("unreachable", "The store holds as many live nonces as it may.");
    ends.delete(key);
    ends.set(key, expiresAt);
    nextEnd = Math.min(nextEnd, expiresAt);
    return true;
  };
}

function checkTimes(...times: readonly number[]): void {
  if (!times.every(Number.isFinite)) throw new RangeError("A nonce needs times in milliseconds.");
}

/** A name of bounded length: what callers send may be long. */
function shortKey(text: string): string {
  return text.length <= 64 ? text : `sha256:${hash("sha256", text, "base64url")}`;
}

function firstTwo<K, V>(map: ReadonlyMap<K, V>): readonly (readonly [K, V])[] {
  const entries = map.entries();
  return [entries.next().value, entries.next().value].filter((entry) => entry !== undefined);
}
