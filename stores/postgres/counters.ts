import { hash } from "node:crypto";
import { StoreError } from "../../lib/errors.ts";
import { takeFrom, tolerableSetbackMs } from "../../lib/gcra.ts";
import type { Quota, Taken } from "../../lib/store.ts";
import type { Server } from "./server.ts";
import type { Statement } from "./statement.ts";

/** Keys of one length, whatever the caller made of an address or a name. */
function keyOf(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

/**
 * One step of `takeFrom` (lib/gcra.ts) on the bucket `$1` at the time `$2`: capacity `$3`, window `$4`, cost `$5`,
 * end of the period `$6` or null. The row is locked while it is changed, so that as many processes as like may take at
 * once. A bucket from which nothing was taken yet is of no time.
 */
export function takeStatement(schema: string): Statement {
  const full = "$3::float8 * $4::float8";
  const wanted = "$5::float8 * $4::float8";
  return {
    name: "gatehouse-take",
    text: `INSERT INTO ${schema}.counters AS c (bucket, at, debt, allowed, ends)
SELECT $1::bytea, CASE WHEN n.debt > 0 THEN $2::float8 ELSE '-Infinity' END, n.debt, n.allowed,
  coalesce($6::float8, $2::float8 + n.debt / $3::float8)
FROM (SELECT ${wanted} <= ${full} AS allowed, CASE WHEN ${wanted} <= ${full} THEN ${wanted} ELSE 0 END AS debt) AS n
ON CONFLICT (bucket) DO UPDATE SET (at, debt, allowed, ends) = (
  SELECT n.at, n.debt, a.allowed, coalesce($6::float8, n.at + n.debt / $3::float8)
  FROM (SELECT
      CASE WHEN $6::float8 IS NOT NULL THEN greatest(c.at, $2::float8)
        WHEN $2::float8 >= c.at OR c.at - $2::float8 > greatest($4::float8, ${tolerableSetbackMs})
        THEN $2::float8 ELSE c.at END AS at,
      CASE WHEN $6::float8 IS NULL AND $2::float8 >= c.at THEN greatest(0,
          least(c.debt, ${full}) - ($2::float8 - c.at) * $3::float8)
        ELSE least(c.debt, ${full}) END AS debt) AS d,
    LATERAL (SELECT d.debt + ${wanted} <= ${full} AS allowed) AS a,
    LATERAL (SELECT a.allowed AND $5::float8 > 0 AS takes, d.at < c.at AS set_back) AS s,
    LATERAL (SELECT
      CASE WHEN s.takes OR s.set_back THEN d.at ELSE c.at END AS at,
      CASE WHEN s.takes THEN d.debt + ${wanted} WHEN s.set_back THEN d.debt ELSE c.debt END AS debt) AS n)
RETURNING at, debt, allowed`,
    writes: true,
  };
}

interface BucketRow {
  readonly at: number;
  readonly debt: number;
  readonly allowed: boolean;
}

/** @throws RangeError when a number is out of its range. */
export async function take(
  server: Server,
  statement: Statement,
  bucket: string,
  quota: Quota,
  cost: number,
  now: number,
): Promise<Taken> {
  takeFrom(undefined, quota, cost, now);
  const values = [keyOf(bucket), now, quota.capacity, quota.windowMs, cost, quota.until ?? null];
  const [row] = await server.query<BucketRow>(statement, values);
  if (row === undefined) throw new StoreError("damaged", "The PostgreSQL store did not count.");
  // What was taken is in the row already.
  return takeFrom(row, quota, row.allowed ? 0 : cost, now).taken;
}

/** Claims the nonce `$1` until `$2` at the time `$3`. */
export function claimStatement(schema: string): Statement {
  return {
    name: "gatehouse-claim",
    text: `INSERT INTO ${schema}.nonces AS n (nonce, ends) VALUES ($1, $2)
ON CONFLICT (nonce) DO UPDATE SET ends = EXCLUDED.ends WHERE n.ends <= $3 RETURNING true AS claimed`,
    writes: true,
  };
}

/** Live nonces that a store holds at most: some 100 MB. */
export const mostNonces = 1_000_000;

export interface NonceCount {
  /** Counted at the last sweep, and one more for each claim since. */
  live: number;
}

export async function claim(
  server: Server,
  statement: Statement,
  count: NonceCount,
  [nonce, expiresAt, now]: readonly [nonce: string, expiresAt: number, now: number],
): Promise<boolean> {
  if (!(Number.isFinite(expiresAt) && Number.isFinite(now))) {
    throw new RangeError("A nonce needs times in milliseconds.");
  }
  if (expiresAt <= now) {
    await server.ready();
    return false;
  }
  if (count.live >= mostNonces) throw new StoreError("unreachable", "The store holds as many live nonces as it may.");
  count.live += 1;
  return (await server.query(statement, [keyOf(nonce), expiresAt, now])).length > 0;
}
