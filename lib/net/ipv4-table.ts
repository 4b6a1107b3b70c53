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
  const { first, last } = merge(sortedPairs(bounds));
  const size = first.length;
  if (size === 0) return { size, everything: false, contains: () => false };
  const lowest = first[0] as number;
  const highestFirst = first[size - 1] as number;
  const highest = last[size - 1] as number;
  // All that lies between the first and the last key shares these bits, so the index begins behind them.
  const shared = Math.clz32(lowest ^ highestFirst);
  const { starts, shift } = bucketIndex(size, (i) => (first[i] as number) << shared);

  function contains(value: number): boolean {
    if (value < lowest || value > highest) return false;
    if (value >= highestFirst) return true;
    const bucket = (value << shared) >>> shift;
    const after = firstAbove(first, value, starts[bucket] as number, starts[bucket + 1] as number);
    return value <= (last[after - 1] as number);
  }
  return { size, everything: lowest === 0 && size === 1 && highest === 0xffff_ffff, contains };
}

/** Index of the first number above `value`, of those from `from` up to `to`; they are in rising order. */
function firstAbove(numbers: Uint32Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) <= value) low = middle + 1;
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

/** Joins ranges that overlap or touch. */
function merge(pairs: Uint32Array): { first: Uint32Array; last: Uint32Array } {
  const first = new Uint32Array(pairs.length / 2);
  const last = new Uint32Array(pairs.length / 2);
  let size = 0;
  let end = -2;
  for (let i = 0; i < pairs.length; i += 2) {
    const from = pairs[i + HIGH] as number;
    const to = pairs[i + LOW] as number;
    if (from > end + 1) first[size++] = from;
    end = Math.max(end, to);
    last[size - 1] = end;
  }
  return { first: first.slice(0, size), last: last.slice(0, size) };
}
