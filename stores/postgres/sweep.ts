import { mostNonces, type NonceCount } from "./counters.ts";
import type { Server } from "./server.ts";
import type { Statement } from "./statement.ts";

const restMs = 30_000;
const busyMs = 1_000;
const batchSize = 1_000;
/** Counters that are kept at most; above it those that are idle longest are forgotten first. */
const mostCounters = 1_000_000;
/** Changes that are kept for processes that have not yet heard of them. */
const mostChanges = 10_000;
/** What has ended is kept for so long, as another machine's clock may be late: its nonces are not to be free too early. */
const clockDifferenceMs = 300_000;

/** Forgets what has ended, a few rows at a time and by a timer that keeps no process alive; returns what stops it. */
export function startSweep(server: Server, schema: string, count: NonceCount, now: () => number): () => void {
  const statements = sweepStatements(schema);
  let after: Uint8Array = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  const sweep = async () => {
    const ended = now() - clockDifferenceMs;
    const [nonces] = await server.query<{ readonly gone: number; readonly live: number }>(statements.nonces, [ended]);
    count.live = nonces?.live ?? 0;
    await server.query(statements.changes, []);
    const [page] = await server.query<CounterPage>(statements.counters, [after, ended]);
    after = page?.seen === batchSize && page.last !== null ? page.last : Buffer.alloc(0);
    return nonces?.gone === batchSize || (page !== undefined && page.gone > 0 && page.seen === batchSize);
  };
  const schedule = (delayMs: number) => {
    timer = setTimeout(
      () => {
        // A fault shows in the next request that needs the store; here it only means to try again.
        sweep().then(
          (isBusy) => timer && schedule(isBusy ? busyMs : restMs),
          () => timer && schedule(restMs),
        );
      },
      delayMs * (0.75 + Math.random() / 2),
    ).unref();
  };
  schedule(restMs);
  return () => {
    clearTimeout(timer);
    timer = undefined;
  };
}

interface CounterPage {
  readonly seen: number;
  readonly gone: number;
  readonly last: Buffer | null;
}

/** `schema` is quoted. `$1` is the time before which something has ended; for counters `$2`, and `$1` where to go on. */
export function sweepStatements(schema: string): Readonly<Record<"nonces" | "changes" | "counters", Statement>> {
  const make = (name: string, text: string): Statement => ({ name: `gatehouse-sweep-${name}`, text, writes: true });
  return {
    nonces: make(
      "nonces",
      `WITH gone AS (DELETE FROM ${schema}.nonces WHERE nonce IN (
  SELECT nonce FROM ${schema}.nonces WHERE ends < $1 ORDER BY ends LIMIT ${batchSize} FOR UPDATE SKIP LOCKED
) RETURNING 1)
SELECT (SELECT count(*)::int FROM gone) AS gone,
  (SELECT count(*)::int FROM (SELECT FROM ${schema}.nonces LIMIT ${mostNonces}) AS n) AS live`,
    ),
    changes: make(
      "changes",
      `DELETE FROM ${schema}.changes WHERE sequence IN (
  SELECT sequence FROM ${schema}.changes
  WHERE sequence <= (SELECT max(sequence) FROM ${schema}.changes) - ${mostChanges}
  ORDER BY sequence LIMIT ${batchSize}
)`,
    ),
    counters: make(
      "counters",
      `WITH page AS (
  SELECT bucket, ends, percent_rank() OVER (ORDER BY ends) AS rank FROM (
    SELECT bucket, ends FROM ${schema}.counters WHERE bucket > $1 ORDER BY bucket LIMIT ${batchSize}) AS p
), gone AS (
  DELETE FROM ${schema}.counters c USING page
  WHERE c.bucket = page.bucket AND c.ends = page.ends AND (page.ends < $2 OR (page.rank < 0.5 AND ${mostCounters} <
    (SELECT reltuples FROM pg_class WHERE oid = '${schema}.counters'::regclass)))
  RETURNING 1
)
SELECT (SELECT count(*)::int FROM page) AS seen, (SELECT count(*)::int FROM gone) AS gone,
  (SELECT bucket FROM page ORDER BY bucket DESC LIMIT 1) AS last`,
    ),
  };
}
