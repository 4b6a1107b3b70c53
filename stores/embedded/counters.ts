import { hash } from "node:crypto";
import { StoreError } from "../../lib/errors.ts";
import { type Bucket, takeFrom } from "../../lib/gcra.ts";
import type { Quota, Taken } from "../../lib/store.ts";
import { type Bytes, type Environment, write } from "./environment.ts";
import { storeFault } from "./faults.ts";

/** Commits before it returns, and cannot be rolled back, which two writes in one place never need. */
const plainTransaction = 2;

/** Keys of one length, whatever the caller made of an address or a name. */
function keyOf(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

/** Exact among all processes on the folder: the first look only spares those who would be refused the write lock. */
export function take({ counters }: Environment, name: string, quota: Quota, cost: number, now: number): Taken {
  const key = keyOf(name);
  try {
    const refused = takeFrom(readBucket(counters.get(key)), quota, cost, now);
    if (refused.bucket === undefined) return refused.taken;
    return counters.transactionSync(() => {
      const { bucket, taken, fullAt } = takeFrom(readBucket(counters.get(key)), quota, cost, now);
      if (bucket !== undefined) counters.putSync(key, bucketBytes(bucket, fullAt));
      return taken;
    }, plainTransaction);
  } catch (error) {
    throw storeFault(error);
  }
}

function readBucket(bytes: Bytes | undefined): Bucket | undefined {
  if (bytes?.byteLength !== 24) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { at: view.getFloat64(0), debt: view.getFloat64(8) };
}

function bucketBytes({ at, debt }: Bucket, fullAt: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeDoubleBE(at, 0);
  bytes.writeDoubleBE(debt, 8);
  bytes.writeDoubleBE(fullAt, 16);
  return bytes;
}

/** When a bucket is full again and need not be kept. */
export function bucketEnd(bytes: Bytes): number {
  return bytes.byteLength === 24 ? new DataView(bytes.buffer, bytes.byteOffset).getFloat64(16) : 0;
}

/** Live nonces that a store holds at most: some 100 MB. */
const mostNonces = 1_000_000;

export interface NonceCount {
  /** Counted at the last sweep, and one more for each claim since. */
  live: number;
}

export async function claim(
  environment: Environment,
  count: NonceCount,
  nonce: string,
  expiresAt: number,
  now: number,
): Promise<boolean> {
  if (!(Number.isFinite(expiresAt) && Number.isFinite(now)))
    throw new RangeError("A nonce needs times in milliseconds");
  if (expiresAt <= now) return false;
  if (count.live >= mostNonces) throw new StoreError("unreachable", "The store holds as many live nonces as it may.");
  count.live += 1;
  const key = keyOf(nonce);
  return write(environment, () => {
    const stored = environment.nonces.get(key);
    if (stored !== undefined && nonceEnd(stored) > now) return false;
    environment.nonces.putSync(key, timeBytes(expiresAt));
    return true;
  });
}

function timeBytes(time: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(time);
  return bytes;
}

/** When a nonce may be forgotten. What is no time is kept, so that damage frees no nonce. */
export function nonceEnd(bytes: Bytes): number {
  if (bytes.byteLength !== 8) return Number.POSITIVE_INFINITY;
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
}
