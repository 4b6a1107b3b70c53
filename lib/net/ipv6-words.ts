import { formatIpv4, parseIpv4 } from "./ipv4-text.ts";

/** The 128 bits of an IPv6 address as four unsigned 32-bit numbers, most significant first. */
export type Ipv6Words = readonly [number, number, number, number];

type Groups = [number, number, number, number, number, number, number, number];

const GROUP = /^[0-9a-f]{1,4}$/i;

/** The longest text form has 45 characters (RFC 4291 section 2.2, form 3). */
const MAX_TEXT = 45;

/** Reads the text forms of RFC 4291 section 2.2, without a zone. */
export function parseIpv6(text: string): Ipv6Words | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const gap = text.indexOf("::");
  const head = parseGroups(gap < 0 ? text : text.slice(0, gap), gap < 0);
  const tail = gap < 0 ? [] : parseGroups(text.slice(gap + 2), true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined;
  const [a, b, c, d, e, f, g, h] = [...head, ...new Array<number>(missing).fill(0), ...tail] as Groups;
  return [word(a, b), word(c, d), word(e, f), word(g, h)];
}

/** Canonical text of RFC 5952, with a dotted tail for an IPv4-mapped address (section 5). */
export function formatIpv6(words: Ipv6Words): string {
  if (isMapped(words)) return `::ffff:${formatIpv4(words[3])}`;
  const groups = words.flatMap((each) => [each >>> 16, each & 0xffff]);
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** Whether the address is of ::ffff:0:0/96 (RFC 4291 section 2.5.5.2). */
export function isMapped(words: Ipv6Words): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

/** First address of the block. `prefix` is 0 to 128. */
export function firstOfBlock(words: Ipv6Words, prefix: number): Ipv6Words {
  return mapWords(words, prefix, (each, mask) => (each & mask) >>> 0);
}

/** Last address of the block. `prefix` is 0 to 128. */
export function lastOfBlock(words: Ipv6Words, prefix: number): Ipv6Words {
  return mapWords(words, prefix, (each, mask) => (each | ~mask) >>> 0);
}

/** Negative, zero or positive, as `left` is below, equal to or above `right`. */
export function compareWords(left: Ipv6Words, right: Ipv6Words): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2] || left[3] - right[3];
}

/** How many leading bits two addresses share, 0 to 128. */
export function sharedBits(left: Ipv6Words, right: Ipv6Words): number {
  const at = left.findIndex((each, i) => each !== right[i]);
  return at < 0 ? 128 : 32 * at + Math.clz32((left[at] as number) ^ (right[at] as number));
}

export function wordsToBigInt([a, b, c, d]: Ipv6Words): bigint {
  return (BigInt(a) << 96n) | (BigInt(b) << 64n) | (BigInt(c) << 32n) | BigInt(d);
}

/** `value` is 0 to 2^128 - 1. */
export function bigIntToWords(value: bigint): Ipv6Words {
  const part = (shift: bigint) => Number((value >> shift) & 0xffff_ffffn);
  return [part(96n), part(64n), part(32n), part(0n)];
}

/** Only the last group of an address may be written as dotted decimal. */
function parseGroups(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const dot = isEnd ? text.indexOf(".") : -1;
  if (dot < 0) return parseHexGroups(text.split(":"));
  const colon = text.lastIndexOf(":");
  const value = parseIpv4(text, colon + 1);
  const groups = colon < 0 ? [] : parseHexGroups(text.slice(0, colon).split(":"));
  return value === undefined || groups === undefined ? undefined : [...groups, value >>> 16, value & 0xffff];
}

function parseHexGroups(parts: readonly string[]): readonly number[] | undefined {
  const groups: number[] = [];
  for (const part of parts) {
    if (!GROUP.test(part)) return undefined;
    groups.push(Number.parseInt(part, 16));
  }
  return groups;
}

function word(high: number, low: number): number {
  return ((high << 16) | low) >>> 0;
}

function hex(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}

/** The first of the longest runs, as RFC 5952 section 4.2.3 asks. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  }
  return best;
}

function mapWords(words: Ipv6Words, prefix: number, change: (word: number, mask: number) => number): Ipv6Words {
  return [
    change(words[0], wordMask(prefix)),
    change(words[1], wordMask(prefix - 32)),
    change(words[2], wordMask(prefix - 64)),
    change(words[3], wordMask(prefix - 96)),
  ];
}

/** The upper `bits` bits of a word. A shift by 32 would be one by 0, so both ends need a case of their own. */
export function wordMask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffff_ffff : (0xffff_ffff << (32 - bits)) >>> 0;
}
