import type { Rejected } from "../check.ts";
import { problemDocument } from "./problem.ts";

const defaultRetryAfterSeconds = 5;

/** A finished HTTP answer, for one request only: whoever sends it may add to it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

/** What the caller of a refused request gets: of the verdict only status, challenges, waiting time and its own fields. */
export function answerOf(rejected: Rejected): Answer {
  const { status, challenges } = rejected;
  const [first] = challenges;
  const wait = retryAfter(rejected);
  const headers: Record<string, string | string[]> = { ...rejected.headers };
  // Fields of their own: many clients cannot split a list of challenges.
  if (first !== undefined) headers["WWW-Authenticate"] = challenges.length === 1 ? first : [...challenges];
  if (wait !== undefined) headers["Retry-After"] = String(wait);
  headers["Cache-Control"] = "no-store";
  headers["Content-Type"] = "application/problem+json";
  return { status, headers, body: problemDocument(rejected) };
}

/** Whole seconds, at least one: a client that waits for none comes back too early. */
function retryAfter({ status, retryAfterSeconds }: Rejected): number | undefined {
  if (status !== 503 && status !== 429) return undefined;
  return Math.max(1, Math.ceil(retryAfterSeconds ?? defaultRetryAfterSeconds));
}
