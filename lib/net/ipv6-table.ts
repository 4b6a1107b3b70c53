import { bucketIndex } from "./bucket-index.ts";
import { firstOfBlock, type Ipv6Words, sharedBits, wordMask } from "./ipv6-words.ts";

/** A compiled set of IPv6 blocks. */
export interface Ipv6Table {
  /** Blocks after merging. */
  readonly size: number;
  readonly everything: boolean;
  contains(words: Ipv6Words): boolean;
}

/** First addresses, four words each, and prefixes. 17 bytes a block, where first and last would take 32. */
interface Blocks {
  readonly words: Uint32Array;
  readonly prefixes: Uint8Array;
}

/** `blocks` holds the four words of the first address and the prefix of each block in turn, in any order. */
export function ipv6Table(blocks: readonly number[]): Ipv6Table {
  const merged = merge(sorted(split(blocks)));
  const size = merged.prefixes.length;
  if (size === 0) return { size, everything: false, contains: () => false };
  const lowest = wordsAt(merged, 0);
  const highest = wordsAt(merged, size - 1);
  // All that lies between the first and the last key shares these bits, so the index begins behind them.
  const shared = Math.min(96, sharedBits(lowest, highest));
  const { starts, shift } = bucketIndex(size, (i) => bitsFrom(merged.words, 4 * i, shared));

  function contains(words: Ipv6Words): boolean {
    if (compareAt(merged.words, 0, words) > 0) return false;
    if (compareAt(merged.words, size - 1, words) <= 0) return isInside(merged, size - 1, words);
    const bucket = bitsFrom(words, 0, shared) >>> shift;
    const after = firstAbove(merged.words, words, starts[bucket] as number, starts[bucket + 1] as number);
    return isInside(merged, after - 1, words);
  }
  return { size, everything: merged.prefixes[0] === 0, contains };
}

function split(blocks: readonly number[]): Blocks {
  const size = blocks.length / 5;
  const words = new Uint32Array(4 * size);
  const prefixes = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < 4; j++) words[4 * i + j] = blocks[5 * i + j] as number;
    prefixes[i] = blocks[5 * i + 4] as number;
  }
  return { words, prefixes };
}

/** By first address; of two blocks that begin together the larger is first. */
function sorted(blocks: Blocks): Blocks {
  const { words, prefixes } = blocks;
  const order = new Uint32Array(prefixes.length).map((_, i) => i);
  order.sort(
    (left, right) => compareRows(words, left, right) || (prefixes[left] as number) - (prefixes[right] as number),
  );
  const result = { words: new Uint32Array(words.length), prefixes: new Uint8Array(prefixes.length) };
  for (const [i, from] of order.entries()) copyBlock(blocks, from, result, i);
  return result;
}

/** Drops blocks that lie in another, and joins two halves of a block, again and again. */
function merge(blocks: Blocks): Blocks {
  const { words, prefixes } = blocks;
  let size = 0;
  for (let i = 0; i < prefixes.length; i++) {
    if (size > 0 && isInside(blocks, size - 1, wordsAt(blocks, i))) continue;
    copyBlock(blocks, i, blocks, size++);
    while (size > 1 && areHalves(blocks, size - 2)) {
      size--;
      prefixes[size - 1] = (prefixes[size] as number) - 1;
    }
  }
  return { words: words.slice(0, 4 * size), prefixes: prefixes.slice(0, size) };
}

/** Whether blocks `i` and `i + 1` make up the block whose prefix is one bit shorter. */
function areHalves(blocks: Blocks, i: number): boolean {
  const prefix = blocks.prefixes[i] as number;
  if (prefix !== blocks.prefixes[i + 1]) return false;
  return compareAt(blocks.words, i, firstOfBlock(wordsAt(blocks, i + 1), prefix - 1)) === 0;
}

function copyBlock(source: Blocks, from: number, target: Blocks, to: number): void {
  for (let j = 0; j < 4; j++) target.words[4 * to + j] = source.words[4 * from + j] as number;
  target.prefixes[to] = source.prefixes[from] as number;
}

function wordsAt({ words }: Blocks, i: number): Ipv6Words {
  return [words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]] as unknown as Ipv6Words;
}

/** Whether block `i` contains the address. */
function isInside({ words: table, prefixes }: Blocks, i: number, words: Ipv6Words): boolean {
  const prefix = prefixes[i] as number;
  for (let j = 0; j < 4; j++) {
    const difference = (table[4 * i + j] as number) ^ (words[j] as number);
    if ((difference & wordMask(prefix - 32 * j)) !== 0) return false;
  }
  return true;
}

function compareRows(table: Uint32Array, left: number, right: number): number {
  for (let j = 0; j < 4; j++) {
    const difference = (table[4 * left + j] as number) - (table[4 * right + j] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Negative, zero or positive, as address `i` of the table is below, equal to or above `words`. */
function compareAt(table: Uint32Array, i: number, words: Ipv6Words): number {
  for (let j = 0; j < 4; j++) {
    const difference = (table[4 * i + j] as number) - (words[j] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Index of the first address above `words`, of those from `from` up to `to`; they are in rising order. */
function firstAbove(table: Uint32Array, words: Ipv6Words, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(table, middle, words) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 32 bits of the address that begins at `offset`, after skipping `skip` bits, 0 to 96. */
function bitsFrom(words: ArrayLike<number>, offset: number, skip: number): number {
  const at = offset + (skip >>> 5);
  const bits = skip & 31;
  return ((words[at] as number) << bits) | (((words[at + 1] as number) >>> 1) >>> (31 - bits));
}
