import { hash } from "node:crypto";
import { StoreError } from "../lib/errors.ts";
import { type Bucket, takeFrom } from "../lib/gcra.ts";
import type { Store, Taken } from "../lib/store.ts";
import { oldestIn } from "./oldest.ts";

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
  const oldest = oldestIn(buckets);
  return (name, quota, cost, now) => {
    const key = shortKey(name);
    const { bucket, fullAt, taken } = takeFrom(buckets.get(key), quota, cost, now);
    if (bucket === undefined) return taken;
    buckets.delete(key);
    forgetOldest(buckets, oldest, (kept) => kept.fullAt <= now || buckets.size >= most);
    buckets.set(key, { ...bucket, fullAt });
    return taken;
  };
}

function nonceTable(most: number): MemoryCounters["claim"] {
  const nonces = new Map<string, { readonly end: number }>();
  const oldest = oldestIn(nonces);
  /** Before this time no nonce ends, so looking for one is in vain. */
  let nextEnd = Number.POSITIVE_INFINITY;
  const makeRoom = (now: number) => {
    forgetOldest(nonces, oldest, ({ end }) => end <= now);
    if (nonces.size < most || now < nextEnd) return;
    nextEnd = Number.POSITIVE_INFINITY;
    for (const [key, { end }] of nonces) {
      if (end <= now) nonces.delete(key);
      else nextEnd = Math.min(nextEnd, end);
    }
  };
  return (nonce, expiresAt, now) => {
    checkTimes(expiresAt, now);
    const key = shortKey(nonce);
    if (expiresAt <= now || (nonces.get(key)?.end ?? 0) > now) return false;
    makeRoom(now);
    if (nonces.size >= most) throw new StoreError("unreachable", "The store holds as many live nonces as it may.");
    nonces.delete(key);
    nonces.set(key, { end: expiresAt });
    nextEnd = Math.min(nextEnd, expiresAt);
    return true;
  };
}

/** Two for each one that is added, so that what has ended does not pile up. */
function forgetOldest<V>(
  map: Map<string, V>,
  oldest: () => readonly [string, V] | undefined,
  mayForget: (value: V) => boolean,
): void {
  for (let count = 0; count < 2; count += 1) {
    const entry = oldest();
    if (entry === undefined || !mayForget(entry[1])) return;
    map.delete(entry[0]);
  }
}

function checkTimes(...times: readonly number[]): void {
  if (!times.every(Number.isFinite)) throw new RangeError("A nonce needs times in milliseconds.");
}

/** A name of bounded length: what callers send may be long. */
function shortKey(text: string): string {
  return text.length <= 64 ? text : `sha256:${hash("sha256", text, "base64url")}`;
}
