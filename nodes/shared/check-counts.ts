import type { Reason, Verdict } from "../../lib/check.ts";

/** What a check has decided since it was deployed. */
export interface CheckCounts {
  readonly since: string;
  readonly accepted: number;
  readonly rejected: Readonly<Record<string, number>>;
  /** Refusals that were let through, by reason. */
  readonly observed: Readonly<Record<string, number>>;
  readonly lastFault?: { readonly time: string; readonly reason: string; readonly detail: string };
}

export interface CheckTally {
  count(verdict: Verdict, observed: boolean): void;
  counts(): CheckCounts;
}

/** Counts by reason. Reasons are few and fixed, so this stays small. `now` is in milliseconds since the epoch. */
export function checkTally(now: () => number): CheckTally {
  const since = new Date(now()).toISOString();
  const rejected = new Map<Reason, number>();
  const observed = new Map<Reason, number>();
  let accepted = 0;
  let lastFault: CheckCounts["lastFault"];
  return {
    count(verdict, isObserved) {
      if (verdict.accepted) {
        accepted++;
        return;
      }
      const { reason, status, detail = "" } = verdict;
      const counts = isObserved ? observed : rejected;
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
      if (status === 503) lastFault = { time: new Date(now()).toISOString(), reason, detail };
    },
    counts: () => ({
      since,
      accepted,
      rejected: Object.fromEntries(rejected),
      observed: Object.fromEntries(observed),
      ...(lastFault && { lastFault }),
    }),
  };
}
