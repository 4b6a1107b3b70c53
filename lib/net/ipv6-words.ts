import { formatIpv4, parseIpv4 } from "./ipv4-text.ts";

/** The 128 bits of an IPv6 address as four unsigned 32-bit numbers, most significant first. */
export type Ipv6Words = readonly [number, number, number, number];

type Groups = [number, number, number, number, number, number, number, number];

/** The longest text form has 45 characters (RFC 4291 section 2.2, form 3). */
const MAX_TEXT = 45;

/** Reads the text forms of RFC 4291 section 2.2, without a zone. */
export function parseIpv6(text: string): Ipv6Words | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const gap = text.indexOf("::");
  const groups: number[] = [];
  const isRead =
    gap < 0
      ? appendGroups(text, true, groups)
      : appendGroups(text.slice(0, gap), false, groups) && appendTail(text.slice(gap + 2), groups);
  return isRead && groups.length === 8 ? wordsOf(groups as Groups) : undefined;
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

/** What follows `::`, which stands for one group of zeros at least. */
function appendTail(text: string, groups: number[]): boolean {
  const tail: number[] = [];
  if (!appendGroups(text, true, tail) || groups.length + tail.length > 7) return false;
  while (groups.length + tail.length < 8) groups.push(0);
  groups.push(...tail);
  return true;
}

/** Only the last group of an address may be written as dotted decimal, which makes two. */
function appendGroups(text: string, isEnd: boolean, groups: number[]): boolean {
  if (text === "") return true;
  for (let from = 0, to = 0; to < text.length; from = to + 1) {
    const colon = text.indexOf(":", from);
    to = colon < 0 ? text.length : colon;
    const group = parseGroup(text, from, to);
    if (group < 0) return isEnd && colon < 0 && appendDotted(text, from, groups);
    groups.push(group);
  }
  return true;
}

function appendDotted(text: string, from: number, groups: number[]): boolean {
  const value = parseIpv4(text, from);
  if (value === undefined) return false;
  groups.push(value >>> 16, value & 0xffff);
  return true;
}

/** One to four hexadecimal digits; -1 for all else. */
function parseGroup(text: string, from: number, to: number): number {
  if (to === from || to > from + 4) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0) return -1;
    value = (value << 4) | digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function wordsOf([a, b, c, d, e, f, g, h]: Groups): Ipv6Words {
  return [word(a, b), word(c, d), word(e, f), word(g, h)];
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
