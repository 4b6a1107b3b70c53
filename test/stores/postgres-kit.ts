import assert from "node:assert/strict";
import type { StoreError } from "../../lib/errors.ts";
import type { Store } from "../../lib/store.ts";
import type { PostgresOptions } from "../../stores/postgres/options.ts";
import { postgresRemote, postgresStore } from "../../stores/postgres.ts";
import type { RemoteStore } from "../../stores/remote.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../support/postgres-server.ts";

/** Runs what needs a real server; where there is none, says so for all to see, and fails in CI. */
export function describePostgres(title: string, body: (server: () => PostgresServer) => void): void {
  describe(title, () => {
    if (postgresPrograms() === undefined && process.env.CI !== "true") {
      it("IS LEFT OUT: PostgreSQL is not installed (apt-get install postgresql)");
      return;
    }
    let server: PostgresServer | undefined;
    before(async () => {
      server = await startPostgres();
    });
    after(() => server?.remove());
    body(() => {
      if (server === undefined) throw new Error("The server runs during the tests only.");
      return server;
    });
  });
}

let schemas = 0;

/** Options for a store of its own on the server. */
export function optionsFor(server: PostgresServer, port = server.port): PostgresOptions & { readonly schema: string } {
  schemas += 1;
  const { user: username, password } = server;
  return { url: server.url(port), username, password, schema: `store_${schemas}`, now: Date.now };
}

/** Runs `body` with stores that are closed afterwards. */
export async function withStores(
  options: readonly PostgresOptions[],
  body: (...stores: readonly Store[]) => Promise<void>,
): Promise<void> {
  const stores = options.map(postgresStore);
  try {
    await Promise.all(stores.map((store) => store.ready()));
    await body(...stores);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** The same with one that has no memory: what it reads is what the tables hold at that moment. */
export async function withRemote(options: PostgresOptions, body: (store: RemoteStore) => Promise<void>): Promise<void> {
  const store = postgresRemote(options);
  try {
    await store.ready();
    await body(store);
  } finally {
    await store.close();
  }
}

/** Milliseconds until it holds. */
export async function until(condition: () => unknown, withinMs: number): Promise<number> {
  const start = performance.now();
  while (!(await condition())) {
    assert.ok(performance.now() - start < withinMs, `not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return performance.now() - start;
}

/** What came of an action: its value, or the fault's code. */
export async function outcome<T>(action: () => T): Promise<Awaited<T> | StoreError["code"]> {
  try {
    return await action();
  } catch (error) {
    return (error as StoreError).code ?? Promise.reject(error);
  }
}
