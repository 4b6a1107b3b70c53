/** One quota, as the caller is told (draft-ietf-httpapi-ratelimit-headers, text of September 2025). */
export interface QuotaPolicy {
  /** Printable ASCII. */
  readonly name: string;
  /** Units in a window: a whole number from 0. */
  readonly quota: number;
  /** Length of the window: a whole number above 0. */
  readonly windowSeconds?: number;
  /** Names what is counted together, in base64. */
  readonly partitionKey?: string;
}

export interface ServiceLimit {
  readonly policy: QuotaPolicy;
  /** Units that are left: a whole number from 0. */
  readonly remaining: number;
  /** Until the quota is there again; no field says less than what is true, so fractions are rounded up. */
  readonly resetSeconds?: number;
  /** As in the policy, where one caller has several of one policy. */
  readonly partitionKey?: string;
}

/** `RateLimit-Policy` and `RateLimit`: Lists of Structured Fields (RFC 9651). */
export function rateLimitFields(policies: readonly QuotaPolicy[], limits: readonly ServiceLimit[]) {
  return {
    "RateLimit-Policy": policies.map(policyItem).join(", "),
    RateLimit: limits.map(limitItem).join(", "),
  };
}

/**
 * The fields that came before the draft and that many clients know. There never was one meaning of the reset; this is
 * the most common one, seconds since the epoch.
 * @param now milliseconds since the epoch.
 */
export function olderRateLimitFields({ policy, remaining, resetSeconds = 0 }: ServiceLimit, now: number) {
  return {
    "X-RateLimit-Limit": String(policy.quota),
    "X-RateLimit-Remaining": String(remaining),
    "X-RateLimit-Reset": String(Math.ceil(now / 1000 + resetSeconds)),
  };
}

function policyItem({ name, quota, windowSeconds, partitionKey }: QuotaPolicy): string {
  const window = windowSeconds === undefined ? "" : `;w=${windowSeconds}`;
  return `${quoted(name)};q=${quota}${window}${partition(partitionKey)}`;
}

function limitItem({ policy: { name }, remaining, resetSeconds, partitionKey }: ServiceLimit): string {
  const reset = resetSeconds === undefined ? "" : `;t=${Math.ceil(resetSeconds)}`;
  return `${quoted(name)};r=${remaining}${reset}${partition(partitionKey)}`;
}

function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}

function partition(key: string | undefined): string {
  return key === undefined ? "" : `;pk=:${key}:`;
}
