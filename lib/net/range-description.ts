import { countAddresses, formatFirst, formatLast, isEverything, type Range, sharedPrefix } from "./range.ts";
import { parseRange, type RangeEntry, type RangeProblem } from "./range-entry.ts";

/** What an entry means, for a dialog that explains it in the reader's language. */
export interface RangeDescription {
  readonly kind: RangeEntry["kind"];
  /** `192.168.1.0/24` for `192.168.1.1/24`. */
  readonly canonical: string;
  /** One, unless the entry is a name. */
  readonly spans: readonly { readonly first: string; readonly last: string }[];
  /** Addresses in all spans together, in decimal; up to 2^128. */
  readonly count: string;
  readonly hostBits: boolean;
  /** All of IPv4 or all of IPv6 is in it. */
  readonly everything: boolean;
}

/** Explains one entry, or says what is wrong with it. */
export function describeRange(text: string): RangeDescription | { readonly problem: RangeProblem } {
  const entry = parseRange(text);
  return "problem" in entry ? entry : describeEntry(text, entry);
}

/** `text` is what `entry` was read from. */
function describeEntry(text: string, entry: RangeEntry): RangeDescription {
  const { kind, ranges, hostBits } = entry;
  return {
    kind,
    canonical: kind === "name" ? text.toLowerCase() : canonicalText(ranges[0] as Range, kind),
    spans: ranges.map((range) => ({ first: formatFirst(range), last: formatLast(range) })),
    count: String(ranges.reduce((sum, range) => sum + countAddresses(range), 0n)),
    hostBits,
    everything: ranges.some(isEverything),
  };
}

function canonicalText(range: Range, kind: "address" | "cidr" | "span"): string {
  const first = formatFirst(range);
  if (kind === "address") return first;
  return kind === "cidr" ? `${first}/${sharedPrefix(range)}` : `${first} - ${formatLast(range)}`;
}
