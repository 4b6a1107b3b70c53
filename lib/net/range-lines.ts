import { isEverything } from "./range.ts";
import { type ParsedRange, parseRange, type RangeEntry, type RangeProblem } from "./range-entry.ts";

/** What an entry does that its author may not have meant. */
export type RangeHint = "host-bits" | "everything";

/** One line of a list. */
export interface RangeLine {
  /** Counted from 1. */
  readonly line: number;
  /** The entry without its comment; empty on a line that has none. */
  readonly text: string;
  readonly comment: string;
  readonly entry?: RangeEntry;
  readonly problem?: RangeProblem;
  readonly warning?: RangeHint;
}

const COMMENT = /(?:^|\s)(?:#|\/\/)/;

/** Reads a list line by line, for an editor that explains each. Comments begin with `#` or `//` after white space. */
export function parseRangeList(text: string): readonly RangeLine[] {
  return text.split(/\r?\n/).map((line, i) => parseLine(line, i + 1));
}

/** `line` is the line's number. */
export function parseLine(source: string, line: number): RangeLine {
  const at = source.search(COMMENT);
  const text = (at < 0 ? source : source.slice(0, at)).trim();
  const comment =
    at < 0
      ? ""
      : source
          .slice(at)
          .trim()
          .replace(/^(?:#|\/\/)\s*/, "");
  if (text === "") return { line, text, comment };
  const parsed: ParsedRange = parseRange(text);
  if ("problem" in parsed) return { line, text, comment, problem: parsed.problem };
  const warning = hintOf(parsed);
  return warning === undefined
    ? { line, text, comment, entry: parsed }
    : { line, text, comment, entry: parsed, warning };
}

function hintOf(entry: RangeEntry): RangeHint | undefined {
  if (entry.ranges.some(isEverything)) return "everything";
  return entry.hostBits ? "host-bits" : undefined;
}
