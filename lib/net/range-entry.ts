import { type Address, parseAddress } from "./address.ts";
import { parseIpv4 } from "./ipv4-text.ts";
import { compareWords, firstOfBlock, type Ipv6Words, isMapped, lastOfBlock, parseIpv6 } from "./ipv6-words.ts";
import type { Range } from "./range.ts";

/** Why a text is no range. Stable, so that an editor can say it in its own language. */
export type RangeProblem =
  | "not-an-address"
  | "unknown-name"
  | "zone"
  | "bad-prefix"
  | "prefix-too-long"
  | "host-bits-with-zero-prefix"
  | "mapped-prefix-too-short"
  | "hyphen-without-spaces"
  | "mixed-families"
  | "reversed"
  | "everything";

export interface RangeEntry {
  readonly kind: "address" | "cidr" | "span" | "name";
  /** A name can stand for several. */
  readonly ranges: readonly Range[];
  /** Bits were set to the right of the prefix; they are masked off. */
  readonly hostBits: boolean;
}

export type ParsedRange = RangeEntry | { readonly problem: RangeProblem };

/** Names as in ipaddr.js and proxy-addr. */
const NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["uniquelocal", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
  ["carriergradenat", ["100.64.0.0/10"]],
]);

const PREFIX = /^(?:0|[1-9][0-9]{0,2})$/;
const WORD = /^[a-z][a-z-]*$/i;

/**
 * Reads one entry of a list: an address, a block such as `10.0.0.0/8`, a span such as `10.0.0.1 - 10.0.0.9`, or a name
 * such as `loopback`. No white space around it and no comment.
 */
export function parseRange(text: string): ParsedRange {
  const slash = text.indexOf("/");
  if (slash >= 0) return parseBlock(text.slice(0, slash), text.slice(slash + 1));
  const address = parseListed(text);
  if (address !== undefined) return { kind: "address", ranges: [rangeOf(address)], hostBits: false };
  const bounds = splitSpan(text);
  return bounds === undefined ? parseName(text) : parseSpan(bounds[0], bounds[1]);
}

function parseBlock(base: string, prefixText: string): ParsedRange {
  const value = parseIpv4(base);
  const words = value === undefined ? parseIpv6(base) : undefined;
  if (value === undefined && words === undefined) return { problem: notAnAddress(base) };
  if (!PREFIX.test(prefixText)) return { problem: "bad-prefix" };
  const prefix = Number(prefixText);
  if (prefix > (words === undefined ? 32 : 128)) return { problem: "prefix-too-long" };
  if (words === undefined) return ipv4Block(value as number, prefix);
  if (!isMapped(words)) return ipv6Block(words, prefix);
  return prefix < 96 ? { problem: "mapped-prefix-too-short" } : ipv4Block(words[3], prefix - 96);
}

function ipv4Block(value: number, prefix: number): ParsedRange {
  const size = 2 ** (32 - prefix);
  const first = value - (value % size);
  return block({ family: 4, first, last: first + size - 1 }, prefix, first !== value);
}

function ipv6Block(words: Ipv6Words, prefix: number): ParsedRange {
  const first = firstOfBlock(words, prefix);
  return block({ family: 6, first, last: lastOfBlock(words, prefix) }, prefix, compareWords(first, words) !== 0);
}

/** Somebody who writes 10.1.2.3/0 means one address, not everybody. */
function block(range: Range, prefix: number, hostBits: boolean): ParsedRange {
  if (prefix === 0 && hostBits) return { problem: "host-bits-with-zero-prefix" };
  return { kind: "cidr", ranges: [range], hostBits };
}

/** A hyphen needs spaces round it: gateways that read `a-b` differ in what they take it for. */
function splitSpan(text: string): readonly [string, string] | undefined {
  for (const separator of ["–", " - "]) {
    const at = text.indexOf(separator);
    if (at >= 0) return [text.slice(0, at).trimEnd(), text.slice(at + separator.length).trimStart()];
  }
  return undefined;
}

function parseSpan(firstText: string, lastText: string): ParsedRange {
  const first = parseListed(firstText);
  const last = parseListed(lastText);
  if (first === undefined || last === undefined) return { problem: notAnAddress(firstText + lastText) };
  const range = rangeBetween(first, last);
  if (range === undefined) return { problem: "mixed-families" };
  const reversed = range.family === 4 ? range.first > range.last : compareWords(range.first, range.last) > 0;
  return reversed ? { problem: "reversed" } : { kind: "span", ranges: [range], hostBits: false };
}

function rangeOf(address: Address): Range {
  if (address.family === 4) return { family: 4, first: address.value, last: address.value };
  return { family: 6, first: address.words, last: address.words };
}

function rangeBetween(first: Address, last: Address): Range | undefined {
  if (first.family === 4) return last.family === 4 ? { family: 4, first: first.value, last: last.value } : undefined;
  return last.family === 6 ? { family: 6, first: first.words, last: last.words } : undefined;
}

function parseName(text: string): ParsedRange {
  const blocks = NAMES.get(text.toLowerCase());
  if (blocks !== undefined) {
    return { kind: "name", ranges: blocks.flatMap((each) => (parseRange(each) as RangeEntry).ranges), hostBits: false };
  }
  if (WORD.test(text)) return { problem: "unknown-name" };
  const hyphen = text.indexOf("-");
  const bounds = [text.slice(0, hyphen).trimEnd(), text.slice(hyphen + 1).trimStart()];
  const isSpan = hyphen >= 0 && bounds.every((bound) => parseListed(bound) !== undefined);
  return { problem: isSpan ? "hyphen-without-spaces" : notAnAddress(text) };
}

/** A zone names an interface of one host, so a list entry with one would not mean what it says. */
function parseListed(text: string): Address | undefined {
  return text.includes("%") ? undefined : parseAddress(text);
}

function notAnAddress(text: string): RangeProblem {
  return text.includes("%") ? "zone" : "not-an-address";
}
