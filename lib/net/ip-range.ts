import { ConfigError } from "../errors.ts";
import type { Address } from "./address.ts";
import { ipv4Table } from "./ipv4-table.ts";
import { ipv6Table } from "./ipv6-table.ts";
import { ipv6Blocks, type Range } from "./range.ts";
import type { RangeProblem } from "./range-entry.ts";
import { parseLine, type RangeHint, type RangeLine } from "./range-lines.ts";

/** A compiled list of addresses and ranges. */
export interface RangeSet {
  /** IPv4 ranges never contain IPv6 addresses, nor the reverse; an IPv4-mapped address is an IPv4 address. */
  contains(address: Address): boolean;
  /** Disjoint ranges after merging; 0 for a list without entries, which contains nobody. */
  readonly size: number;
  /** The first 20. */
  readonly warnings: readonly RangeWarning[];
}

interface RangeWarning {
  readonly hint: RangeHint;
  /** Line and entry; absent where only several entries together contain everything. */
  readonly line?: number;
  readonly text?: string;
}

export interface RangeSetOptions {
  /** Refuse a list that contains all of IPv4 or all of IPv6, instead of warning. */
  readonly refuseEverything?: boolean;
  /** Name of the setting, for the error. */
  readonly option?: string;
}

const MAX_REPORTED = 20;
const MAX_QUOTED = 64;

const PROBLEMS: Readonly<Record<RangeProblem, string>> = {
  "not-an-address": "not an IP address, range or known name",
  "unknown-name": "no known name; names are loopback, linklocal, uniquelocal, private and carriergradenat",
  zone: "a zone (%) has no meaning in a list",
  "bad-prefix": "the prefix after / is a number without sign and leading zeros",
  "prefix-too-long": "the prefix is at most 32 for IPv4 and 128 for IPv6",
  "host-bits-with-zero-prefix": "/0 means every address; write it with an address of zeros if that is meant",
  "mapped-prefix-too-short": "the prefix of an IPv4-mapped address is 96 to 128",
  "hyphen-without-spaces": "write spaces round the hyphen of a range",
  "mixed-families": "a range begins and ends in the same family, IPv4 or IPv6",
  reversed: "the range ends before it begins",
  everything: "contains every address",
};

/**
 * Compiles a list; each entry is one line and may have a comment. Takes time in proportion to n log n, and 8 to 19 bytes
 * a range. Throws a `ConfigError` that names the first 20 lines at fault.
 */
export function compileRanges(entries: readonly string[], options: RangeSetOptions = {}): RangeSet {
  const { refuseEverything = false, option = "ranges" } = options;
  const { bounds, blocks, warnings, problems } = readEntries(entries, refuseEverything);
  if (problems.length > 0) throw new ConfigError(option, problems.join("\n"));
  const ipv4 = ipv4Table(bounds);
  const ipv6 = ipv6Table(blocks);
  const everything = ipv4.everything || ipv6.everything;
  if (everything && refuseEverything) throw new ConfigError(option, `all entries together: ${PROBLEMS.everything}`);
  const isKnown = !everything || warnings.some(({ hint }) => hint === "everything");
  return {
    contains: (address) => (address.family === 4 ? ipv4.contains(address.value) : ipv6.contains(address.words)),
    size: ipv4.size + ipv6.size,
    warnings: isKnown ? warnings : [...warnings, { hint: "everything" }],
  };
}

interface Entries {
  /** First and last of the IPv4 ranges in turn. */
  readonly bounds: number[];
  /** Four words and a prefix of the IPv6 blocks in turn. */
  readonly blocks: number[];
  readonly warnings: RangeWarning[];
  readonly problems: string[];
}

function readEntries(lines: readonly string[], refuseEverything: boolean): Entries {
  const entries: Entries = { bounds: [], blocks: [], warnings: [], problems: [] };
  for (const [i, source] of lines.entries()) {
    const line = parseLine(source, i + 1);
    addProblem(line, refuseEverything, entries.problems);
    if (entries.problems.length === MAX_REPORTED) break;
    addWarning(line, entries.warnings);
    for (const range of line.entry?.ranges ?? []) addRange(range, entries);
  }
  return entries;
}

function addProblem(line: RangeLine, refuseEverything: boolean, problems: string[]): void {
  const problem = refuseEverything && line.warning === "everything" ? "everything" : line.problem;
  if (problem !== undefined) problems.push(explain(line, problem));
}

function addWarning({ line, text, warning }: RangeLine, warnings: RangeWarning[]): void {
  if (warning !== undefined && warnings.length < MAX_REPORTED) warnings.push({ hint: warning, line, text });
}

function addRange(range: Range, { bounds, blocks }: Entries): void {
  if (range.family === 4) {
    bounds.push(range.first, range.last);
    return;
  }
  for (const { first, prefix } of ipv6Blocks(range.first, range.last)) blocks.push(...first, prefix);
}

/** Quoted as JSON, so that no control character gets into a log. */
function explain({ line, text }: RangeLine, problem: RangeProblem): string {
  return `line ${line}: ${JSON.stringify(text.slice(0, MAX_QUOTED))}: ${PROBLEMS[problem]}`;
}
