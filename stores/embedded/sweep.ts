import { bucketEnd, type NonceCount, nonceEnd } from "./counters.ts";
import { type Bytes, type BytesTable, type Environment, write } from "./environment.ts";

const restMs = 5_000;
const busyMs = 100;
const batchSize = 250;
/** Counters that are kept at most; above it those that are idle longest are forgotten first. */
const mostCounters = 1_000_000;

interface Row {
  readonly key: Bytes;
  readonly end: number;
}

/** Forgets some of the counters and nonces that have ended; resolves with how many. */
export function sweeper(environment: Environment, count: NonceCount, now: () => number): () => Promise<number> {
  const { counters, nonces } = environment;
  const nextCounters = rotate(counters, bucketEnd);
  const nextNonces = rotate(nonces, nonceEnd);
  count.live = entries(nonces);
  return async () => {
    const time = now();
    const forgotten =
      removeCounters(counters, nextCounters(), time) + (await removeNonces(environment, nextNonces(), time));
    count.live = entries(nonces);
    return forgotten;
  };
}

/** Sweeps now and then, by a timer that keeps no process alive. Returns what stops it. */
export function startSweep(sweep: () => Promise<number>): () => void {
  let timer: NodeJS.Timeout | undefined;
  const schedule = (delayMs: number) => {
    timer = setTimeout(() => {
      // A fault shows in the next request that needs the store; here it only means to try again.
      sweep().then(
        (forgotten) => timer && schedule(forgotten > 0 ? busyMs : restMs),
        () => timer && schedule(restMs),
      );
    }, delayMs).unref();
  };
  schedule(restMs);
  return () => {
    clearTimeout(timer);
    timer = undefined;
  };
}

/** Reads a table in batches, from the start again when it is through. */
function rotate(table: BytesTable, endOf: (value: Bytes) => number): () => readonly Row[] {
  let after: Bytes | undefined;
  return () => {
    const start = after === undefined ? {} : { start: after, exclusiveStart: true };
    const rows = Array.from(table.getRange({ ...start, limit: batchSize }), ({ key, value }) => ({
      key: Buffer.from(key),
      end: endOf(value),
    }));
    after = rows.length === batchSize ? rows.at(-1)?.key : undefined;
    return rows;
  };
}

function removeCounters(counters: Environment["counters"], rows: readonly Row[], now: number): number {
  const ended = rows.filter(({ end }) => end <= now);
  const surplus = entries(counters) > mostCounters ? idlest(rows) : [];
  const doomed = new Set([...ended, ...surplus]);
  if (doomed.size === 0) return 0;
  counters.transactionSync(() => {
    for (const { key, end } of doomed) {
      const value = counters.get(key);
      if (value !== undefined && bucketEnd(value) === end) counters.removeSync(key);
    }
  });
  return doomed.size;
}

function idlest(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((one, other) => one.end - other.end).slice(0, rows.length >> 1);
}

async function removeNonces(environment: Environment, rows: readonly Row[], now: number): Promise<number> {
  const ended = rows.filter(({ end }) => end <= now);
  if (ended.length === 0) return 0;
  await write(environment, () => {
    for (const { key, end } of ended) {
      const value = environment.nonces.get(key);
      if (value !== undefined && nonceEnd(value) === end) environment.nonces.removeSync(key);
    }
  });
  return ended.length;
}

function entries(table: BytesTable): number {
  return (table.getStats() as { readonly entryCount: number }).entryCount;
}
