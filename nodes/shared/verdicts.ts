import type { Reason, Rejected } from "../../lib/check.ts";
import { OverloadError, StoreError } from "../../lib/errors.ts";

/** Long enough for a full hash queue, short enough for a caller that waits (R3). */
export const DECISION_LIMIT_MS = 3000;

export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** Nobody gets through while something is broken: always a 503. */
export function unavailable(reason: Reason, detail: string, retryAfterSeconds = 5): Rejected {
  return { accepted: false, status: 503, reason, detail, challenges: [], carriers: [], retryAfterSeconds };
}

/** The answer to a request whose check threw. */
export function faultVerdict(fault: unknown): Rejected {
  if (fault instanceof OverloadError) return unavailable("overloaded", "too many hashes wait", fault.retryAfterSeconds);
  if (fault instanceof StoreError) return unavailable("store-unavailable", `store ${fault.code}`);
  if (fault instanceof TimeoutError) return unavailable("timed-out", "no decision in time");
  return unavailable("fault", "the check failed");
}

/** A message that did not come from `http in`, whatever it says of itself (R2). */
export const notARequest: Rejected = {
  accepted: false,
  status: 400,
  reason: "not-a-request",
  detail: "msg.req is no HTTP request",
  challenges: [],
  carriers: [],
};

/** The same promise, given up after `limitMs`. */
export async function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError("no decision in time")), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
