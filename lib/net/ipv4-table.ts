import { bucketIndex } from "./bucket-index.ts";

/** A compiled set of IPv4 ranges. */
export interface Ipv4Table {
  /** Ranges after merging. */
  readonly size: number;
  readonly everything: boolean;
  contains(value: number): boolean;
}

/** Where the more significant half of a 64-bit number lies in memory. */
const HIGH = new Uint32Array(new BigUint64Array([1n << 32n]).buffer).indexOf(1);
const LOW = 1 - HIGH;

/** `bounds` holds first and last of each range in turn, in any order. 8 to 10 bytes a range. */
export function ipv4Table(bounds: readonly number[]): Ipv4Table {
  const pairs = merge(sortedPairs(bounds));
  const size = pairs.length / 2;
  if (size === 0) return { size, everything: false, contains: () => false };
  const lowest = pairs[0] as number;
  const highestFirst = pairs[2 * size - 2] as number;
  const highest = pairs[2 * size - 1] as number;
  // All that lies between the first and the last key shares these bits, so the index begins behind them.
  const shared = Math.clz32(lowest ^ highestFirst);
  const { starts, shift } = bucketIndex(size, (i) => (pairs[2 * i] as number) << shared);

  function contains(value: number): boolean {
    if (value < lowest || value > highest) return false;
    if (value >= highestFirst) return true;
    const bucket = (value << shared) >>> shift;
    const after = firstAbove(pairs, value, starts[bucket] as number, starts[bucket + 1] as number);
    return value <= (pairs[2 * after - 1] as number);
  }
  return { size, everything: lowest === 0 && size === 1 && highest === 0xffff_ffff, contains };
}

/** Index of the first range that begins above `value`, of those from `from` up to `to`. */
function firstAbove(pairs: Uint32Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pairs[2 * middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Typed arrays of 64-bit numbers sort natively, without a call of a comparison. */
function sortedPairs(bounds: readonly number[]): Uint32Array {
  const pairs = new BigUint64Array(bounds.length / 2);
  const halves = new Uint32Array(pairs.buffer);
  for (let i = 0; i < bounds.length; i += 2) {
    halves[i + HIGH] = bounds[i] as number;
    halves[i + LOW] = bounds[i + 1] as number;
  }
  pairs.sort();
  return halves;
}

/** Joins ranges that overlap or touch, and puts first before last. */
function merge(sorted: Uint32Array): Uint32Array {
  const pairs = new Uint32Array(sorted.length);
  let length = 0;
  let end = -2;
  for (let i = 0; i < sorted.length; i += 2) {
    const first = sorted[i + HIGH] as number;
    if (first > end + 1) {
      pairs[length] = first;
      length += 2;
    }
    end = Math.max(end, sorted[i + LOW] as number);
    pairs[length - 1] = end;
  }
  return pairs.slice(0, length);
}
