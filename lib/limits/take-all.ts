import type { Awaitable } from "../check.ts";
import { andThen } from "../proof.ts";
import type { Quota, Store, Taken } from "../store.ts";

/** A counter that must have room. */
export interface Claim {
  readonly bucket: string;
  readonly quota: Quota;
}

/** What came of one claim. */
export interface Outcome {
  readonly admitted: boolean;
  readonly remaining: number;
  readonly resetMs: number;
  /** Until a request of this cost passes; 0 when this one did. */
  readonly waitMs: number;
}

export interface TakeOptions {
  readonly take: Store["take"];
  readonly cost: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Takes the cost from all counters, or from none. Several are looked at first and then taken from, the scarcest first.
 * Between the look and the taking another request may be quicker: then this one is refused, and what it took from
 * counters that had room stays taken. So never too many pass; at worst a counter loses the cost of one request for each
 * that came too late. Where `take` answers at once, nothing comes between.
 */
export function takeAll(claims: readonly Claim[], options: TakeOptions): Awaitable<readonly Outcome[]> {
  const outcomes = (all: readonly Claim[], cost: number) =>
    together(all.map((claim) => () => take(claim, { ...options, cost })));
  const [only, second] = claims;
  if (only !== undefined && second === undefined) return andThen(take(only, options), (outcome) => [outcome]);
  return andThen(outcomes(claims, 0), (looked) => {
    const judged = looked.map((outcome, i) => withCost(outcome, claims[i] as Claim, options.cost));
    if (judged.some(({ admitted }) => !admitted)) return judged;
    const scarcest = judged.reduce(
      (best, { remaining }, i) => (remaining < (judged[best] as Outcome).remaining ? i : best),
      0,
    );
    return andThen(take(claims[scarcest] as Claim, options), (first) => {
      if (!first.admitted) return judged.with(scarcest, first);
      const others = claims.toSpliced(scarcest, 1);
      return andThen(outcomes(others, options.cost), (rest) => rest.toSpliced(scarcest, 0, first));
    });
  });
}

/**
 * Counts the cost in all counters, whether or not the request passes, up to as much again as the quota: who goes on
 * asking while refused is let in later. A quota of a day or month cannot be used up twice, and counts as always.
 */
export function takeAnyway(claims: readonly Claim[], options: TakeOptions): Awaitable<readonly Outcome[]> {
  return together(
    claims.map((claim) => () => {
      const { bucket, quota } = claim;
      if (quota.until !== undefined) return take(claim, options);
      const double = { capacity: 2 * quota.capacity, windowMs: 2 * quota.windowMs };
      return andThen(options.take(bucket, double, options.cost, options.now), (taken) => {
        const admitted = taken.allowed && taken.remaining >= quota.capacity;
        const remaining = Math.max(0, taken.remaining - quota.capacity);
        return outcomeOf({ ...taken, allowed: admitted, remaining }, quota, options.cost);
      });
    }),
  );
}

function take({ bucket, quota }: Claim, options: TakeOptions): Awaitable<Outcome> {
  return andThen(options.take(bucket, quota, options.cost, options.now), (taken) =>
    outcomeOf(taken, quota, options.cost),
  );
}

function outcomeOf({ allowed, remaining, resetMs }: Taken, quota: Quota, cost: number): Outcome {
  return { admitted: allowed, remaining, resetMs, waitMs: allowed ? 0 : waitMs(resetMs, quota, cost) };
}

/** What a look at a counter says about a request of this cost. */
function withCost({ remaining, resetMs }: Outcome, { quota }: Claim, cost: number): Outcome {
  return outcomeOf({ allowed: remaining >= cost, remaining, resetMs, retryAfterMs: 0 }, quota, cost);
}

/** Until all but the cost has drained; longer than the window for a cost that never fits. */
function waitMs(resetMs: number, { capacity, windowMs, until }: Quota, cost: number): number {
  if (until !== undefined) return resetMs;
  return Math.max(1, Math.ceil(resetMs - ((capacity - cost) * windowMs) / capacity));
}

/** All answers; at once when all are there at once. A fault of any is the fault of all. */
function together<T>(calls: readonly (() => Awaitable<T>)[]): Awaitable<readonly T[]> {
  const answers: Awaitable<T>[] = [];
  for (const call of calls) {
    // The first answer tells how the others come; a throw between promises must not leave one of them unwatched.
    if (answers[0] instanceof Promise) answers.push((async () => call())());
    else answers.push(call());
  }
  return answers.some((answer) => answer instanceof Promise) ? Promise.all(answers) : (answers as T[]);
}
