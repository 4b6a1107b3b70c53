import { isDeepStrictEqual } from "node:util";
import type { Verdict } from "../../lib/check.ts";
import { type Counters, type RateLimitOptions, rateLimit } from "../../lib/checks/rate-limit.ts";
import { ConfigError, StoreError } from "../../lib/errors.ts";
import { failureThrottle } from "../../lib/failure-throttle.ts";
import { answerOf } from "../../lib/http/answer.ts";
import { olderRateLimitFields, rateLimitFields } from "../../lib/http/rate-limit-fields.ts";
import { parseRateLimit, parseRateLimitPolicy } from "../../lib/http/rate-limit-parser.ts";
import { localCounters } from "../../lib/limits/local-counters.ts";
import { type Claim, type Outcome as Taking, takeAll, takeAnyway } from "../../lib/limits/take-all.ts";
import { compileWindows } from "../../lib/limits/window.ts";

/** True, or why the case failed; a text that begins with "unsupported: " where the case is no target. */
type Outcome = true | string;

interface LimitCase {
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

type Run = (input: never, expected: LimitCase["expected"]) => Outcome | Promise<Outcome>;

/** Runs a case of rate-limit.json. */
export async function runRateLimit({ input, expected }: LimitCase): Promise<Outcome> {
  const run = operations.get(String(input.op));
  return run ? run(input as never, expected) : `unsupported: ${String(input.op)}`;
}

const operations: ReadonlyMap<string, Run> = new Map<string, Run>([
  ["sequence", runSequence],
  ["headers", runHeaders],
  ["parse-field", runParse],
  ["config", runConfig],
  ["concurrent", runConcurrent],
  ["store-down", runStoreDown],
  ["auth-failures", runAuthFailures],
  ["sliding-count", () => "unsupported: the weighted count of two windows; limits are counted by GCRA"],
]);

interface Limiter {
  readonly type: string;
  readonly capacity?: number;
  readonly refillPerSecond?: number;
  readonly rate?: number;
  readonly burst?: number;
  readonly nodelay?: boolean;
  readonly limit?: number;
  readonly window?: number;
  readonly start?: string;
  readonly countRefused?: boolean;
}

interface Hit {
  readonly t: number;
  readonly cost?: number;
}

const epoch = 1_700_000_000_000 - (1_700_000_000_000 % 86_400_000);

/** The counter of a limiter at a time in seconds; a text where the package has none of its kind. */
function claimOf(limiter: Limiter): ((t: number) => Claim) | string {
  const { type, capacity = 1, refillPerSecond = 1, rate = 1, burst = 0, nodelay = true } = limiter;
  const bucket = (size: number, perSecond: number): Claim => ({
    bucket: "b",
    quota: { capacity: size, windowMs: (size / perSecond) * 1000 },
  });
  if (type === "token-bucket" || type === "gcra") return () => bucket(capacity, refillPerSecond);
  if (type === "leaky-bucket" && nodelay) return () => bucket(burst + 1, rate);
  if (type === "fixed-window" && limiter.start === "aligned") return fixedWindow(limiter);
  return `unsupported: ${type}${limiter.start ? ` from ${limiter.start}` : ""}; limits are counted by GCRA or calendar`;
}

/** As a calendar day or month is counted, only shorter. */
function fixedWindow({ limit = 1, window = 1 }: Limiter): (t: number) => Claim {
  return (t) => {
    const begin = Math.floor(t / window) * window;
    const quota = { capacity: limit, windowMs: window * 1000, until: epoch + (begin + window) * 1000 };
    return { bucket: String(begin), quota };
  };
}

function memory() {
  return localCounters({ key: new Uint8Array(8), random: () => 0.5 });
}

async function runSequence(
  { limiter, hits }: { limiter: Limiter; hits: readonly Hit[] },
  expected: LimitCase["expected"],
): Promise<Outcome> {
  const claimAt = claimOf(limiter);
  if (typeof claimAt === "string") return claimAt;
  const { take } = memory();
  const count = limiter.countRefused ? takeAnyway : takeAll;
  const outcomes: Taking[] = [];
  for (const { t, cost = 1 } of hits) {
    outcomes.push(...(await count([claimAt(t)], { take, cost, now: epoch + t * 1000 })));
  }
  const refused = outcomes.filter(({ admitted }) => !admitted);
  const got = {
    allowed: outcomes.map(({ admitted }) => admitted),
    remaining: outcomes.map(({ remaining }) => remaining),
    retryAfter: refused.map(({ waitMs }) => Math.ceil(waitMs / 1000)),
  };
  return compare(expected, got);
}

interface HeadersInput {
  readonly style: string;
  readonly name?: string;
  readonly limit: number;
  readonly window: number;
  readonly used: number;
  readonly reset: number;
  readonly refused?: boolean;
  readonly partitionKeyBase64?: string;
}

function runHeaders(input: HeadersInput, expected: LimitCase["expected"]): Outcome {
  const { style, name = "default", limit: quota, window, used, reset, refused, partitionKeyBase64 } = input;
  if (!["draft-8", "any", "legacy", "x-ratelimit"].includes(style)) return `unsupported: fields of ${style}`;
  const partition = partitionKeyBase64 === undefined ? {} : { partitionKey: partitionKeyBase64 };
  const policy = { name, quota, windowSeconds: window, ...partition };
  const left = { policy, remaining: Math.max(0, quota - used), resetSeconds: reset };
  const rejected = { accepted: false, status: 429, reason: "limit-reached", challenges: [], carriers: [] } as const;
  const answer = refused ? answerOf({ ...rejected, retryAfterSeconds: reset }).headers : {};
  const got = { ...rateLimitFields([policy], [left]), ...olderRateLimitFields(left, 0), ...answer };
  const wanted = expected.headers as Readonly<Record<string, string>>;
  for (const [field, value] of Object.entries(wanted)) {
    const found = (got as Readonly<Record<string, unknown>>)[field];
    if (!isDeepStrictEqual(meaningOf(field, String(found)), meaningOf(field, value))) {
      return `${field}: expected ${value}, got ${String(found)}`;
    }
  }
  return true;
}

/** Blanks after a semicolon mean nothing in a Structured Field. */
function meaningOf(field: string, value: string): unknown {
  if (field === "RateLimit-Policy") return parseRateLimitPolicy(value);
  return field === "RateLimit" ? parseRateLimit(value) : value;
}

function runParse({ field, value }: { field: string; value: string }, expected: LimitCase["expected"]): Outcome {
  if (field !== "RateLimit" && field !== "RateLimit-Policy") return `unsupported: the field ${field}`;
  const items = field === "RateLimit" ? parseRateLimit(value) : parseRateLimitPolicy(value);
  return compare(expected, items ? { valid: true, items } : { valid: false });
}

interface ConfiguredLimit {
  readonly window: number;
  readonly limit: number;
}

function runConfig({ limits }: { limits: readonly ConfiguredLimit[] }, expected: LimitCase["expected"]): Outcome {
  try {
    compileWindows(
      limits.map(({ window, limit }) => ({ requests: limit, per: window })),
      "",
    );
    return compare(expected, { valid: true });
  } catch (error) {
    return error instanceof ConfigError ? compare(expected, { valid: false }) : String(error);
  }
}

function limitOf(limit: number, window: number, counters: Counters, substitute?: Counters) {
  const options: RateLimitOptions = {
    scope: "case",
    countBy: { by: "everyone" },
    limits: [{ requests: limit, per: window }],
    timeZone: "",
    cost: 1,
    countRefused: false,
    olderFields: false,
    counters,
    substitute,
    now: () => epoch,
  };
  return rateLimit(options);
}

const facts = { method: "GET", target: "/", rawHeaders: [], peer: "192.0.2.1" };

async function runConcurrent(
  { processes, hits, limit, window }: { processes: number; hits: number; limit: number; window: number },
  expected: LimitCase["expected"],
): Promise<Outcome> {
  if (processes !== 1)
    return "unsupported: several processes here; test/nodes/api-rate-limit.test.ts has two on one store";
  const { take } = memory();
  const check = limitOf(limit, window, { take: async (...values) => take(...values), now: () => epoch });
  const verdicts = await Promise.all(Array.from({ length: hits }, () => check(facts)));
  return compare(expected, { allowedExactly: verdicts.filter(({ accepted }) => accepted).length });
}

async function runStoreDown(
  { policy, limit, window }: { policy: string; limit: number; window: number },
  expected: LimitCase["expected"],
): Promise<Outcome> {
  const away: Counters = {
    now: () => epoch,
    take: () => {
      throw new StoreError("unreachable", "away");
    },
  };
  // Open without any limit is not offered; counting here lets the first requests through all the same.
  const here = policy === "open" || policy === "local" ? { take: memory().take, now: () => epoch } : undefined;
  const verdict = await (async (): Promise<Verdict | undefined> => limitOf(limit, window, away, here)(facts))().catch(
    (error: unknown) => {
      if (error instanceof StoreError) return undefined;
      throw error;
    },
  );
  return compare(expected, { allowed: verdict?.accepted ?? false, status: verdict ? 200 : 503 });
}

interface AuthFailures {
  readonly policy: { readonly maxFailures: number; readonly window: number; readonly by: readonly string[] };
  readonly events: readonly { readonly user: string; readonly ip: string; readonly ok: boolean; readonly t?: number }[];
}

/** In the order in which lib/passwords.ts asks. */
function runAuthFailures({ policy, events }: AuthFailures, expected: LimitCase["expected"]): Outcome {
  const quota = { capacity: policy.maxFailures, windowMs: policy.window * 1000 };
  const unlimited = { capacity: 1_000_000, windowMs: 1 };
  const throttle = failureThrottle({
    perIdentity: policy.by.includes("user+ip") ? quota : unlimited,
    perAddress: policy.by.includes("ip") ? quota : unlimited,
  });
  const statuses = events.map(({ user, ip, ok, t = 0 }) => {
    const now = epoch + t * 1000;
    if (throttle.identityWaitMs(ip, user, now) > 0 || throttle.addressWaitMs(ip, now) > 0) return 429;
    if (!ok) return throttle.failed(ip, user, now) ? 429 : 401;
    throttle.succeeded(ip, user);
    return 200;
  });
  return compare(expected, { statuses });
}

/** Only what is expected is compared. */
function compare(expected: LimitCase["expected"], got: Readonly<Record<string, unknown>>): Outcome {
  for (const [name, value] of Object.entries(expected)) {
    if (isDeepStrictEqual(got[name], value)) continue;
    return `${name}: expected ${JSON.stringify(value)}, got ${JSON.stringify(got[name])}`;
  }
  return true;
}
