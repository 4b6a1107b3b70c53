import type { Awaitable, Check, Rejected, RequestFacts, Verdict } from "../check.ts";
import { ConfigError, StoreError } from "../errors.ts";
import {
  olderRateLimitFields,
  type QuotaPolicy,
  rateLimitFields,
  type ServiceLimit,
} from "../http/rate-limit-fields.ts";
import { type CountBy, type Subject, subjectReader } from "../limits/subject.ts";
import { type Claim, type Outcome, takeAll, takeAnyway } from "../limits/take-all.ts";
import { compileWindows, ownWindow, type RateLimit, type Window, type WindowQuota } from "../limits/window.ts";
import type { ClientAddress } from "../net/client-address.ts";
import { andThen } from "../proof.ts";
import type { Store } from "../store.ts";

/** Where it is counted, and by which clock: milliseconds since the epoch, going on even if the wall clock goes back. */
export interface Counters {
  readonly take: Store["take"];
  readonly now: () => number;
}

export interface RateLimitOptions {
  /** Limits of one scope and window share their counters, wherever they are. 1 to 200 characters. */
  readonly scope: string;
  readonly countBy: CountBy;
  readonly limits: readonly RateLimit[];
  /** For quotas of a day or month, as `Europe/Berlin`; UTC when empty. */
  readonly timeZone: string;
  /** What a request takes: a whole number from 0, or what the flow's author takes from the message. */
  readonly cost: number | "given";
  /** Count refused requests too, so that who goes on asking is let in later. */
  readonly countRefused: boolean;
  readonly olderFields: boolean;
  readonly counters: Counters;
  /** Counts while the store is away. Without it nobody gets through then. */
  readonly substitute?: Counters | undefined;
  /** Without it, the address that an earlier check found counts, or else the connection's. */
  readonly clientAddress?: ((facts: RequestFacts) => ClientAddress) | undefined;
  /** The wall clock, for days and months. */
  readonly now: () => number;
}

const mostCost = 1_000_000;

/**
 * Lets through as many requests as the limits say. Proves no identity.
 * @throws ConfigError for limits, a time zone or a scope that cannot be.
 */
export function rateLimit(options: RateLimitOptions): Check {
  const { scope, counters, substitute, cost: fixedCost } = options;
  if (scope === "" || scope.length > 200)
    throw new ConfigError("scope", "The name of the limit takes 1 to 200 characters.");
  if (fixedCost !== "given" && !isCost(fixedCost)) {
    throw new ConfigError("cost", `"cost" takes a whole number from 0 to ${mostCost}, not ${fixedCost}.`);
  }
  const windows = compileWindows(options.limits, options.timeZone);
  const subjectOf = subjectReader(options.countBy, options.clientAddress);
  const take = options.countRefused ? takeAnyway : takeAll;

  function count(subject: Subject, cost: number): Awaitable<Verdict> {
    const now = options.now();
    const quotas = windowsFor(subject, windows).map((window) => window(now));
    const claims = quotas.map(({ bucket, quota }): Claim => ({ bucket: `${scope} ${bucket} ${subject.name}`, quota }));
    const countIn = ({ take: takeOne, now: clock }: Counters) => take(claims, { take: takeOne, cost, now: clock() });
    const outcomes = substitute
      ? orElse(
          () => countIn(counters),
          () => countIn(substitute),
        )
      : countIn(counters);
    return andThen(outcomes, (all) => verdictOf(subject, quotas, all, options.olderFields ? now : undefined));
  }

  return function rateLimit(facts, caller): Awaitable<Verdict> {
    const cost = fixedCost === "given" ? numberIn(caller?.given?.cost) : fixedCost;
    if (!isCost(cost)) return refusal(400, "malformed-request", `the cost is no whole number from 0 to ${mostCost}`);
    const subject = subjectOf(facts, caller);
    return "accepted" in subject ? subject : count(subject, cost);
  };
}

/** What comes by a query is a text. */
function numberIn(cost: unknown): unknown {
  return typeof cost === "string" && /^\d{1,7}$/.test(cost) ? Number(cost) : cost;
}

function isCost(cost: unknown): cost is number {
  return typeof cost === "number" && Number.isSafeInteger(cost) && cost >= 0 && cost <= mostCost;
}

function windowsFor({ ownLimit }: Subject, windows: readonly Window[]): readonly Window[] {
  return ownLimit ? [ownWindow(ownLimit)] : windows;
}

/** Only for a store that is away: any other fault stays one. */
function orElse<T>(first: () => Awaitable<T>, second: () => Awaitable<T>): Awaitable<T> {
  const instead = (error: unknown): Awaitable<T> => {
    if (error instanceof StoreError) return second();
    throw error;
  };
  try {
    const answer = first();
    return answer instanceof Promise ? answer.catch(instead) : answer;
  } catch (error) {
    return instead(error);
  }
}

/** @param olderAt the time for the older fields; undefined where they are not wanted. */
function verdictOf(
  { address, kind, principalId }: Subject,
  quotas: readonly WindowQuota[],
  outcomes: readonly Outcome[],
  olderAt: number | undefined,
): Verdict {
  const limits = quotas.map((window, i) => serviceLimit(window, outcomes[i] as Outcome));
  const refusing = limits.filter((_, i) => !(outcomes[i] as Outcome).admitted);
  const from = address === undefined ? undefined : { address };
  const headers = fieldsOf(limits, refusing, olderAt);
  if (refusing.length === 0) return { accepted: true, headers, carriers: [], ...from };
  const names = refusing.map(({ policy }) => policy.name).join(", ");
  return {
    ...refusal(429, "limit-reached", `${names}, counted by ${kind}`),
    retryAfterSeconds: Math.max(1, ...refusing.map(({ resetSeconds }) => resetSeconds)),
    headers,
    ...from,
    ...(principalId !== undefined && { principalId }),
  };
}

/** In a refusal the reset is when the request would pass, so that it never is after `Retry-After`, as the draft asks. */
function serviceLimit({ name, windowSeconds, quota }: WindowQuota, { admitted, remaining, resetMs, waitMs }: Outcome) {
  const policy: QuotaPolicy = { name, quota: quota.capacity, windowSeconds };
  const resetSeconds = Math.ceil((admitted ? resetMs : waitMs) / 1000);
  return { policy, remaining, resetSeconds } satisfies ServiceLimit;
}

/** A refusal names only the limits that are the reason for it; the older fields know one limit, the one that is nearest. */
function fieldsOf(limits: readonly ServiceLimit[], refusing: readonly ServiceLimit[], olderAt: number | undefined) {
  const shown = refusing.length > 0 ? refusing : limits;
  const fields = rateLimitFields(
    limits.map(({ policy }) => policy),
    shown,
  );
  if (olderAt === undefined) return fields;
  const nearest = shown.reduce((best, next) => (next.remaining < best.remaining ? next : best));
  return { ...fields, ...olderRateLimitFields(nearest, olderAt) };
}

function refusal(status: 400 | 429, reason: Rejected["reason"], detail: string): Rejected {
  return { accepted: false, status, reason, detail, challenges: [], carriers: [] };
}
