import type { Carrier, Rejected } from "./check.ts";

/** What a caller can best act on goes first: come back later, mend the request, prove who you are, give up. */
const precedence = [503, 429, 400, 401, 403] as const;

/**
 * One answer for a request that several checks in a row refused: the status that tells the caller most, the challenges
 * of all (RFC 9110 §11.6.1 allows a list), and the longest wait.
 */
export function mergeRejections(rejections: readonly [Rejected, ...Rejected[]]): Rejected {
  const [first, ...others] = rejections;
  if (others.length === 0) return first;
  const leading = rejections.reduce((best, next) => (rank(next) < rank(best) ? next : best));
  const waits = rejections.flatMap((r) => r.retryAfterSeconds ?? []);
  return {
    ...leading,
    challenges: [...new Set(rejections.flatMap((r) => r.challenges))],
    carriers: rejections.flatMap((r): readonly Carrier[] => r.carriers),
    ...(waits.length > 0 && { retryAfterSeconds: Math.max(...waits) }),
  };
}

function rank(rejection: Rejected): number {
  return precedence.indexOf(rejection.status);
}
