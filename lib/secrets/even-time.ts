/** Hides in how long a refusal takes which kind of hash was compared. */
export interface EvenTime {
  /** Notes that a comparison with a hash of this kind took so many milliseconds. */
  note(kind: string, tookMs: number): void;
  /** Milliseconds to wait after a comparison that took `tookMs`, to be as slow as the slowest kind. */
  restMs(tookMs: number): number;
}

/** Longer than any hash takes that may be imported; shorter than a caller waits. */
const limitMs = 1500;

/** Kinds remembered: each of the few families of hashes in each of its few costs. */
const kindLimit = 64;

interface Estimate {
  readonly meanMs: number;
  readonly deviationMs: number;
}

/**
 * Estimates for each kind how long nearly all comparisons take, as TCP does for round trips (RFC 6298 §2). A kind counts
 * from its first comparison on.
 */
export function evenTime(): EvenTime {
  const estimates = new Map<string, Estimate>();
  let slowestMs = 0;
  return {
    note(kind, tookMs) {
      const known = estimates.get(kind);
      if (!known && estimates.size >= kindLimit) return;
      estimates.set(kind, known ? refined(known, tookMs) : { meanMs: tookMs, deviationMs: tookMs / 8 });
      slowestMs = Math.max(...[...estimates.values()].map(({ meanMs, deviationMs }) => meanMs + 4 * deviationMs));
    },
    restMs: (tookMs) => Math.max(0, Math.min(slowestMs, limitMs) - tookMs),
  };
}

function refined({ meanMs, deviationMs }: Estimate, tookMs: number): Estimate {
  return {
    meanMs: meanMs + (tookMs - meanMs) / 8,
    deviationMs: deviationMs + (Math.abs(tookMs - meanMs) - deviationMs) / 4,
  };
}
