import { isWhole, lineHash } from "./chain.ts";

export type ChainProblem =
  /** The line is not what was written, or was cut off. */
  | "changed"
  /** Lines are missing before this one. */
  | "missing"
  /** The line stands where it was not written, or twice. */
  | "reordered";

/** The first place where a chain is broken. */
export interface Break {
  /** Counted from 1 over all lines given. */
  readonly line: number;
  readonly problem: ChainProblem;
}

export interface Verification {
  readonly ok: boolean;
  readonly lines: number;
  /** Numbers of the first and last line; 0 where there is none. More than 1: older files are not among those given. */
  readonly first: number;
  readonly last: number;
  /** SHA-256 of the last line: note it elsewhere, and the end of the chain cannot be cut off unnoticed. */
  readonly head: string;
  readonly broken?: Break;
}

interface Place {
  readonly seq: number;
  readonly hash: string;
}

interface Parsed {
  readonly seq: number;
  readonly prev: string;
  /** After a crash: the line before was not finished. */
  readonly afterTorn: boolean;
}

/** Takes the lines of a chain one by one, of the oldest file first. */
export function chainVerifier() {
  let lines = 0;
  let first = 0;
  let before: Place | undefined;
  let torn: string | undefined;
  let broken: Break | undefined;

  function judge(line: string): Break | undefined {
    const parsed = parseLine(line);
    if (torn !== undefined) {
      // A crash may leave the beginning of a line. The next start says so, and is chained to it.
      const isKnown = parsed?.afterTorn === true && parsed.prev === lineHash(torn);
      if (!isKnown) return { line: lines - 1, problem: "changed" };
      before = { seq: before?.seq ?? parsed.seq - 1, hash: parsed.prev };
      torn = undefined;
    }
    return parsed ? follow(parsed, line) : keepTorn(line);
  }

  function keepTorn(line: string): undefined {
    torn = line;
  }

  function follow(parsed: Parsed, line: string): Break | undefined {
    const problem = before && problemBetween(before, parsed);
    if (problem) return { line: problem === "changed" ? lines - 1 : lines, problem };
    first ||= parsed.seq;
    before = { seq: parsed.seq, hash: lineHash(line) };
    return undefined;
  }

  return {
    /** False once the chain is known to be broken. */
    add(line: string): boolean {
      if (broken) return false;
      lines++;
      broken = judge(line);
      return broken === undefined;
    },
    end(): Verification {
      if (torn !== undefined) broken ??= { line: lines, problem: "changed" };
      const last = before?.seq ?? 0;
      return { ok: !broken, lines, first, last, head: before?.hash ?? "", ...(broken && { broken }) };
    },
  };
}

/** Finds the first line that was changed, taken away, added or moved. Lines come without their ends. */
export function verifyChain(lines: Iterable<string>): Verification {
  const verifier = chainVerifier();
  for (const line of lines) if (!verifier.add(line)) break;
  return verifier.end();
}

function problemBetween(before: Place, { seq, prev }: Parsed): ChainProblem | undefined {
  if (seq <= before.seq) return "reordered";
  if (seq > before.seq + 1) return "missing";
  return prev === before.hash ? undefined : "changed";
}

/** Undefined for what was not written so. */
function parseLine(line: string): Parsed | undefined {
  if (!isWhole(line)) return undefined;
  const { seq, prev, event, torn } = parseJson(line);
  if (typeof seq !== "number" || typeof prev !== "string") return undefined;
  return { seq, prev, afterTorn: event === "audit.start" && torn === true };
}

function parseJson(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
