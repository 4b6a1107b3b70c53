import type { Rejected } from "../check.ts";
import { problemDocument } from "./problem.ts";

const defaultRetryAfterSeconds = 5;

/** A finished HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

/** What the caller of a refused request gets: of the verdict only status, challenges, waiting time and its own fields. */
export function answerOf(rejected: Rejected): Answer {
  const { status, challenges } = rejected;
  const [first, ...others] = challenges;
  const wait = retryAfter(rejected);
  return {
    status,
    headers: {
      ...rejected.headers,
      // Fields of their own: many clients cannot split a list of challenges.
      ...(first !== undefined && { "WWW-Authenticate": others.length === 0 ? first : [first, ...others] }),
      ...(wait !== undefined && { "Retry-After": String(wait) }),
      "Cache-Control": "no-store",
      "Content-Type": "application/problem+json",
    },
    body: problemDocument(rejected),
  };
}

/** Whole seconds, at least one: a client that waits for none comes back too early. */
function retryAfter({ status, retryAfterSeconds }: Rejected): number | undefined {
  if (status !== 503 && status !== 429) return undefined;
  return Math.max(1, Math.ceil(retryAfterSeconds ?? defaultRetryAfterSeconds));
}
