import { periodsOf } from "../calendar.ts";
import { ConfigError } from "../errors.ts";
import type { Quota } from "../store.ts";

/** How many requests in which time. */
export interface RateLimit {
  /** 1 to 1,000,000,000. */
  readonly requests: number;
  /** Seconds, 1 to 31 days; or a day or month of the calendar. */
  readonly per: number | "day" | "month";
  /** How many of them at once, or in any time that is short against the window. As many as requests by default. */
  readonly burst?: number;
}

/** The quota of a window at one moment. */
export interface WindowQuota {
  /** Names the counter within all that are counted for one caller. */
  readonly bucket: string;
  /** As the caller is told. */
  readonly name: string;
  readonly windowSeconds: number;
  readonly quota: Quota;
}

export type Window = (wallNow: number) => WindowQuota;

const most = 1_000_000_000;
const longestSeconds = 31 * 86_400;
const mostWindows = 10;

/**
 * Compiles the windows that all have room for a request at once.
 * @throws ConfigError for numbers out of range, and for windows that contradict each other.
 */
export function compileWindows(limits: readonly RateLimit[], timeZone: string): readonly Window[] {
  if (limits.length === 0) throw new ConfigError("limits", "There is no limit.");
  if (limits.length > mostWindows) throw new ConfigError("limits", `There are more than ${mostWindows} limits.`);
  for (const limit of limits) checkNumbers(limit);
  checkTogether(limits);
  return limits.map((limit) =>
    typeof limit.per === "number" ? sliding(limit, limit.per) : calendar(limit, limit.per, timeZone),
  );
}

/** The window of a limit that a key or user has by itself. */
export function ownWindow({ requests, windowMs }: { readonly requests: number; readonly windowMs: number }): Window {
  const own = slidingQuota(requests, windowMs, requests, "own");
  return () => own;
}

function checkNumbers({ requests, per, burst }: RateLimit): void {
  checkRange("requests", requests, most);
  if (typeof per === "number") checkRange("per", per, longestSeconds);
  if (burst === undefined) return;
  checkRange("burst", burst, most);
  if (typeof per !== "number") throw new ConfigError("burst", "A quota of a day or month has no burst.");
}

function checkRange(option: string, value: number, largest: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= largest) return;
  throw new ConfigError(option, `"${option}" takes a whole number from 1 to ${largest}, not ${value}.`);
}

/** A longer window with fewer requests would make the shorter one say what is never true. */
function checkTogether(limits: readonly RateLimit[]): void {
  const sorted = limits
    .map((limit) => ({ ...limit, seconds: secondsOf(limit.per) }))
    .sort((a, b) => a.seconds - b.seconds);
  for (const [i, limit] of sorted.entries()) {
    const shorter = sorted[i - 1];
    if (shorter === undefined) continue;
    if (shorter.per === limit.per) throw new ConfigError("limits", "Two limits have the same window.");
    if (limit.requests < shorter.requests) {
      throw new ConfigError("limits", "A longer window may not have fewer requests than a shorter one.");
    }
  }
}

function secondsOf(per: RateLimit["per"]): number {
  if (per === "day") return 86_400;
  return per === "month" ? longestSeconds : per;
}

function sliding({ requests, burst = requests }: RateLimit, seconds: number): Window {
  const quota = slidingQuota(requests, seconds * 1000, burst, `${seconds}s`);
  return () => quota;
}

/** `burst` at once, and the rate of the whole window: in other words, `burst` in as much shorter a time. */
function slidingQuota(requests: number, windowMs: number, burst: number, kind: string): WindowQuota {
  const quota = { capacity: burst, windowMs: (burst * windowMs) / requests };
  const windowSeconds = Math.ceil(quota.windowMs / 1000);
  return { bucket: `${kind}/${quota.windowMs}`, name: `${burst}-in-${windowSeconds}s`, windowSeconds, quota };
}

function calendar({ requests }: RateLimit, per: "day" | "month", timeZone: string): Window {
  const periodAt = periodsOf(timeZone, per);
  return (wallNow) => {
    const { name, end } = periodAt(wallNow);
    const windowSeconds = secondsOf(per);
    const quota = { capacity: requests, windowMs: windowSeconds * 1000, until: end };
    return { bucket: `${name} ${timeZone}`, name: `${requests}-a-${per}`, windowSeconds, quota };
  };
}
