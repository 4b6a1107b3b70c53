import type { AuditEntry, AuditEvent } from "./event.ts";

export interface BoundOptions {
  /** Events of one source and result in a window; what is beyond them is counted. Default 60. */
  readonly perSource?: number;
  /** Events of all sources in a window. Default 3,000. */
  readonly total?: number;
  /** Sources that get a summary of their own; the others share one. Default 1,000. */
  readonly sources?: number;
  /** Default a minute. */
  readonly windowMs?: number;
}

/** Keeps a flood from filling what events are written to (R50): no event is lost, only its details. */
export interface SourceBound {
  /** False for an event that is only counted. A change of a key or user is never only counted. */
  admit(entry: AuditEntry, now: number): boolean;
  /** The summaries of a window that has ended; none while it lasts. To be written before what comes after. */
  due(now: number): readonly AuditEvent[];
  /** The summaries of the window so far; a new one begins. */
  flush(now: number): readonly AuditEvent[];
}

interface Tally {
  seen: number;
  counted: number;
  readonly source: string;
  readonly result: AuditEvent["result"];
  readonly reasons: Map<string, number>;
}

/** Stands for all sources that have no summary of their own. */
const others = "*";

export function boundedPerSource(options: BoundOptions = {}): SourceBound {
  const { perSource = 60, total = 3000, sources = 1000, windowMs = 60_000 } = options;
  const tallies = new Map<string, Tally>();
  let began = 0;
  let admitted = 0;

  function tallyOf({ event: { result }, source }: AuditEntry): Tally {
    // By result, so that a flood of refusals does not hide who was let in from the same address.
    const own = tallies.get(`${result} ${source}`);
    if (own) return own;
    const name = tallies.size < sources ? source : others;
    const known = tallies.get(`${result} ${name}`);
    if (known) return known;
    const tally = { seen: 0, counted: 0, source: name, result, reasons: new Map() };
    tallies.set(`${result} ${name}`, tally);
    return tally;
  }

  function flush(now: number): readonly AuditEvent[] {
    const summaries = [...tallies.values()].filter(({ counted }) => counted > 0);
    const from = began;
    tallies.clear();
    admitted = 0;
    began = now;
    return summaries.map((tally) => summary(tally, from, now));
  }

  return {
    flush,
    due: (now) => (now - began < windowMs && now >= began ? [] : flush(now)),
    admit(entry, now) {
      if (isChange(entry.event)) return true;
      if (tallies.size === 0) began = now;
      const tally = tallyOf(entry);
      tally.seen++;
      if (tally.seen <= perSource && admitted < total) {
        admitted++;
        return true;
      }
      tally.counted++;
      const word = entry.event.reason ?? entry.event.event;
      tally.reasons.set(word, (tally.reasons.get(word) ?? 0) + 1);
      return false;
    },
  };
}

function isChange({ result }: AuditEvent): boolean {
  return result === "changed" || result === "due" || result === "noted";
}

function summary({ source, result, counted, reasons }: Tally, from: number, now: number): AuditEvent {
  return {
    time: new Date(now).toISOString(),
    event: "access.summary",
    result,
    source,
    from: new Date(from).toISOString(),
    count: counted,
    reasons: Object.fromEntries(reasons),
  };
}
