import { hash } from "node:crypto";
import { checkNumbers } from "../../lib/gcra.ts";
import type { Quota, Taken } from "../../lib/store.ts";
import type { Run } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { claimScript, takeScript } from "./state-scripts.ts";

/** How far a caller's clock may be ahead of those of others before a nonce could be claimed twice. */
const tolerableSkewMs = 300_000;
const mostMs = 10 * 365 * 86_400_000;

export function redisCounters(run: Run, keys: Keys) {
  return {
    async take(bucket: string, quota: Quota, cost: number, now: number): Promise<Taken> {
      checkNumbers(quota, cost, now);
      const values = [quota.capacity, quota.windowMs, cost, now, quota.until ?? ""].map(String);
      const answer = (await run(takeScript, [keys.bucket(nameOf(bucket))], values)) as readonly unknown[];
      const [allowed, remaining = 0, retryAfterMs = 0, resetMs = 0] = answer.map(Number);
      return { allowed: allowed === 1, remaining, retryAfterMs, resetMs };
    },
    async claim(nonce: string, expiresAt: number, now: number): Promise<boolean> {
      if (![expiresAt, now].every(Number.isFinite)) throw new RangeError("A nonce needs times in milliseconds.");
      if (expiresAt <= now) return false;
      const keptMs = Math.ceil(Math.min(expiresAt - now, mostMs)) + tolerableSkewMs;
      const values = [expiresAt, now, keptMs].map(String);
      return (await run(claimScript, [keys.nonce(nameOf(nonce))], values)) === 1;
    },
  };
}

/** A name of one length, whatever callers send. */
function nameOf(text: string): string {
  return hash("sha256", text, "base64url");
}
