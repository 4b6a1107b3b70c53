import type { Rejected } from "../check.ts";

type Status = Rejected["status"];

/** What a caller is told. No more than this: why exactly stays inside. */
const problems: ReadonlyMap<Status, string> = new Map<Status, string>([
  [400, problem(400, "Bad Request", "The request is not valid.")],
  [401, problem(401, "Unauthorized", "The credentials were not accepted.")],
  [403, problem(403, "Forbidden", "The request is refused.")],
  [429, problem(429, "Too Many Requests", "There were too many requests.")],
  [503, problem(503, "Service Unavailable", "The service is unavailable for the moment.")],
]);
const missing = problem(401, "Unauthorized", "Credentials are missing.");

/**
 * A problem document (RFC 9457) as text. The same for unknown, wrong, expired, revoked, disabled and
 * not yet valid credentials: nothing but the status, and whether there were any, shows.
 */
export function problemDocument({ status, reason }: Pick<Rejected, "status" | "reason">): string {
  if (reason === "missing-credentials" && status === 401) return missing;
  return problems.get(status) as string;
}

function problem(status: Status, title: string, detail: string): string {
  // RFC 9457 section 4.2.1: with about:blank the title is the phrase of the status.
  return JSON.stringify({ type: "about:blank", title, status, detail });
}
