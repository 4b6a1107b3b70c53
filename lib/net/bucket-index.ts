/** Above this the index would outgrow the processor's caches and cost more than it spares. */
const MAX_BITS = 20;

/**
 * First level of a look-up among sorted keys: where the keys of each bucket begin. A bucket holds the keys with equal
 * leading bits; there are half as many buckets as keys at most, so the index takes at most 2 bytes a key.
 */
export interface BucketIndex {
  /** One more than there are buckets. */
  readonly starts: Uint32Array;
  /** `key >>> shift` is the bucket of a 32-bit key. */
  readonly shift: number;
}

/** `keyAt` yields the 32-bit keys, in rising order. */
export function bucketIndex(count: number, keyAt: (i: number) => number): BucketIndex {
  const bits = Math.min(MAX_BITS, Math.max(1, 30 - Math.clz32(count)));
  const shift = 32 - bits;
  const starts = new Uint32Array(2 ** bits + 1);
  for (let i = 0; i < count; i++) {
    const next = (keyAt(i) >>> shift) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  return { starts, shift };
}
