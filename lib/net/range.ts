import { formatIpv4 } from "./ipv4-text.ts";
import {
  bigIntToWords,
  compareWords,
  firstOfBlock,
  formatIpv6,
  type Ipv6Words,
  lastOfBlock,
  sharedBits,
  wordsToBigInt,
} from "./ipv6-words.ts";

/** Addresses from `first` to `last`, both included. */
export type Range =
  | { readonly family: 4; readonly first: number; readonly last: number }
  | { readonly family: 6; readonly first: Ipv6Words; readonly last: Ipv6Words };

/** All addresses that share the first `prefix` bits of `first`; 0 to 128. */
export interface Ipv6Block {
  readonly first: Ipv6Words;
  readonly prefix: number;
}

export function formatFirst(range: Range): string {
  return range.family === 4 ? formatIpv4(range.first) : formatIpv6(range.first);
}

export function formatLast(range: Range): string {
  return range.family === 4 ? formatIpv4(range.last) : formatIpv6(range.last);
}

/** How many leading bits all addresses of the range share: the prefix, if the range is a block. */
export function sharedPrefix(range: Range): number {
  return range.family === 4 ? Math.clz32(range.first ^ range.last) : sharedBits(range.first, range.last);
}

export function countAddresses(range: Range): bigint {
  if (range.family === 4) return BigInt(range.last - range.first + 1);
  return wordsToBigInt(range.last) - wordsToBigInt(range.first) + 1n;
}

/** Whether the range is all of IPv4 or all of IPv6. */
export function isEverything(range: Range): boolean {
  if (range.family === 4) return range.first === 0 && range.last === 0xffff_ffff;
  return sharedBits(range.first, range.last) === 0 && isBlock(range.first, range.last, 0);
}

/** The fewest blocks that make up the range, at most 254, in rising order. */
export function ipv6Blocks(first: Ipv6Words, last: Ipv6Words): readonly Ipv6Block[] {
  const prefix = sharedBits(first, last);
  if (isBlock(first, last, prefix)) return [{ first, prefix }];
  const blocks: Ipv6Block[] = [];
  const end = wordsToBigInt(last);
  for (let start = wordsToBigInt(first); start <= end; ) {
    const bits = hostBitsOfLargestBlock(start, end);
    blocks.push({ first: bigIntToWords(start), prefix: 128 - bits });
    start += 1n << BigInt(bits);
  }
  return blocks;
}

function isBlock(first: Ipv6Words, last: Ipv6Words, prefix: number): boolean {
  return compareWords(first, firstOfBlock(first, prefix)) === 0 && compareWords(last, lastOfBlock(first, prefix)) === 0;
}

function hostBitsOfLargestBlock(start: bigint, end: bigint): number {
  let bits = 0;
  for (let size = 2n; start % size === 0n && start + size - 1n <= end; size <<= 1n) bits++;
  return bits;
}
