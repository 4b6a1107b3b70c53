import type { Quota, Taken } from "./store.ts";

/**
 * How full a bucket is: `debt` is the units taken and not yet drained times `windowMs`, as of `at` (milliseconds since
 * the epoch). In that measure a full bucket is `capacity * windowMs`, it drains `capacity` a millisecond, and every step
 * is a whole number: no drift, where the usual arrival time with its fractions of a millisecond would have one.
 */
export interface Bucket {
  readonly at: number;
  readonly debt: number;
}

export interface Outcome {
  readonly taken: Taken;
  /** What to keep; undefined when what is kept already still holds. */
  readonly bucket: Bucket | undefined;
  /** When the bucket is full again and need not be remembered, in milliseconds since the epoch. */
  readonly fullAt: number;
}

/** A clock that is set back less than this gives nothing and takes nothing; beyond it the bucket moves to the new time. */
export const tolerableSetbackMs = 3_600_000;

/**
 * Takes `cost` units from `bucket`, or none: GCRA as a leaky bucket (ITU-T I.371, annex A).
 * @throws RangeError when a number is out of its range.
 */
export function takeFrom(bucket: Bucket | undefined, quota: Quota, cost: number, now: number): Outcome {
  checkNumbers(quota, cost, now);
  const full = quota.capacity * quota.windowMs;
  const current = drained(bucket, quota, full, now);
  const wanted = current.debt + cost * quota.windowMs;
  const allowed = wanted <= full;
  const debt = allowed ? wanted : current.debt;
  const remaining = Math.floor((full - debt) / quota.windowMs);
  const lagMs = current.at - now;
  const setBack = bucket !== undefined && current.at < bucket.at;
  const waitMs = (excess: number) =>
    quota.until === undefined ? Math.ceil(excess / quota.capacity) + lagMs : Math.max(0, quota.until - now);
  const resetMs = debt === 0 ? 0 : waitMs(debt);
  const retryAfterMs = remaining > 0 ? 0 : waitMs(debt + quota.windowMs - full);
  return {
    taken: { allowed, remaining, retryAfterMs, resetMs },
    bucket: setBack || (allowed && cost > 0) ? { at: current.at, debt } : undefined,
    fullAt: now + resetMs,
  };
}

function drained(bucket: Bucket | undefined, quota: Quota, full: number, now: number): Bucket {
  if (bucket === undefined) return { at: now, debt: 0 };
  // The quota may have become smaller since.
  const debt = Math.min(bucket.debt, full);
  if (quota.until !== undefined) return { at: Math.max(bucket.at, now), debt };
  if (now >= bucket.at) return { at: now, debt: Math.max(0, debt - (now - bucket.at) * quota.capacity) };
  const setBack = bucket.at - now > Math.max(quota.windowMs, tolerableSetbackMs);
  return { at: setBack ? now : bucket.at, debt };
}

/** @throws RangeError when a number is out of its range. */
export function checkNumbers(quota: Quota, cost: number, now: number): void {
  if (!(Number.isSafeInteger(quota.capacity) && quota.capacity > 0)) throw new RangeError("capacity must be 1 or more");
  if (!(Number.isFinite(quota.windowMs) && quota.windowMs > 0)) throw new RangeError("windowMs must be above 0");
  if (quota.until !== undefined && !Number.isFinite(quota.until)) throw new RangeError("until must be a time");
  if (!(Number.isSafeInteger(cost) && cost >= 0)) throw new RangeError("cost must be 0 or more");
  if (!Number.isFinite(now)) throw new RangeError("now must be a time in milliseconds");
}
