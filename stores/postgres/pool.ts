import type { ClientConfig, Pool, PoolClient, QueryResultRow } from "pg";
import { cut, type Driver, farewellMs } from "./client.ts";
import { asAnswer, hasCode, isLost } from "./faults.ts";
import { graceMs } from "./options.ts";
import type { Statement } from "./statement.ts";

export interface Connections {
  query<R extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<readonly R[]>;
  /** Cuts all connections; the next question makes new ones. */
  cutAll(): void;
  end(): Promise<void>;
}

const mostConnections = 5;
const longestLifeSeconds = 600;
/** The address of a server that only reads may lead to another by now: so often a connection is made anew to find out. */
const tryOtherEveryMs = 500;

/** Connections for questions. `onTrouble` is called when one is lost. */
export function connections(driver: Driver, config: ClientConfig, onTrouble: () => void): Connections {
  const pool = new driver.Pool({ ...config, max: mostConnections, maxLifetimeSeconds: longestLifeSeconds });
  const clients = clientsOf(pool);
  let triedOtherAt = Number.NEGATIVE_INFINITY;
  pool.on("error", onTrouble);
  const isUseless = (error: unknown) => {
    if (isLost(error)) {
      onTrouble();
      return true;
    }
    if (!hasCode(error, "25006") || performance.now() - triedOtherAt < tryOtherEveryMs) return false;
    triedOtherAt = performance.now();
    return true;
  };
  const ask = async <R extends QueryResultRow>(statement: Statement, values: readonly unknown[]) => {
    const client = await pool.connect();
    try {
      const rows = await run<R>(client, statement, values);
      client.release();
      return rows;
    } catch (error) {
      client.release(isUseless(error));
      throw error;
    }
  };
  return {
    async query<R extends QueryResultRow>(statement: Statement, values: readonly unknown[]) {
      try {
        return await orAgain(() => ask<R>(statement, values));
      } catch (error) {
        if (isLost(error)) onTrouble();
        // Another row has what must be one row's own, so nothing was written.
        if (hasCode(error, "23505", "21000")) return [];
        throw asAnswer(error, statement.writes);
      }
    },
    cutAll: () => clients.forEach(cut),
    async end() {
      await pool.end();
      setTimeout(() => clients.forEach(cut), farewellMs).unref();
    },
  };
}

function clientsOf(pool: Pool): ReadonlySet<PoolClient> {
  const clients = new Set<PoolClient>();
  pool.on("connect", (client) => {
    clients.add(client);
    // The pool listens to idle clients only, and an error that nobody listens to ends the process.
    client.on("error", () => undefined);
    client.once("end", () => clients.delete(client));
  });
  return clients;
}

/** Two transactions that wait for each other: one was undone, and can be tried again. */
async function orAgain<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!hasCode(error, "40P01", "40001")) throw error;
    return action();
  }
}

async function run<R extends QueryResultRow>(
  client: PoolClient,
  { name, text, timeoutMs }: Statement,
  values: readonly unknown[],
): Promise<readonly R[]> {
  const config = { name, text, values: [...values] };
  if (timeoutMs === undefined) return (await client.query<R>(config)).rows;
  await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}`);
  try {
    const patient = { ...config, query_timeout: timeoutMs + graceMs };
    return (await client.query<R>(patient)).rows;
  } finally {
    await client.query("COMMIT");
  }
}
