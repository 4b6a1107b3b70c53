import type { AuditEntry } from "./event.ts";

export interface EveryNthOptions {
  /** A whole number above 0; 1 passes each event on. */
  readonly every: number;
  /** Events that lie further apart do not add up. */
  readonly windowMs: number;
  /** Sources that are counted at once; the one that began first is forgotten first. Default 10,000. */
  readonly sources?: number;
}

/**
 * Passes on each `every`th event of a source within the window, and says how many it stands for; undefined for the
 * others.
 */
export function everyNth({ every, windowMs, sources = 10_000 }: EveryNthOptions) {
  const counts = new Map<string, { count: number; readonly began: number }>();
  return ({ source }: AuditEntry, now: number): number | undefined => {
    if (every === 1) return 1;
    const known = counts.get(source);
    const current = known && now - known.began < windowMs && now >= known.began ? known : { count: 0, began: now };
    current.count++;
    counts.delete(source);
    if (current.count >= every) return current.count;
    if (counts.size >= sources) counts.delete(counts.keys().next().value as string);
    counts.set(source, current);
    return undefined;
  };
}
