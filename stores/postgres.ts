import type { Store } from "../lib/store.ts";
import { cachedStore } from "./cached.ts";
import { changesReader } from "./postgres/changes.ts";
import { claim, claimStatement, type NonceCount, take, takeStatement } from "./postgres/counters.ts";
import { prepareSchema } from "./postgres/migrate.ts";
import { clientConfig, type PostgresOptions, weaknesses } from "./postgres/options.ts";
import { recordTables } from "./postgres/records.ts";
import { channelOf, defaultSchema, quoted } from "./postgres/schema.ts";
import { connectServer, type Server } from "./postgres/server.ts";
import { outageReports, subscribers } from "./postgres/subscribers.ts";
import { startSweep } from "./postgres/sweep.ts";
import type { RemoteStore } from "./remote.ts";
import { serverClock } from "./server-clock.ts";

export interface PostgresStoreOptions extends PostgresOptions {
  /** As for `cachedStore`. */
  readonly entries?: number;
  readonly pollMs?: number;
  readonly staleMs?: number;
}

/**
 * A store in a database of PostgreSQL 13 or later, for many processes and for people who edit its tables by SQL. Connects on first use.
 * @throws ConfigError for settings that cannot work.
 */
export function postgresStore(options: PostgresStoreOptions): Store {
  return cachedStore(postgresRemote(options), options);
}

/** The same without a memory of its own. */
export function postgresRemote(options: PostgresOptions): RemoteStore {
  const schema = options.schema ?? defaultSchema;
  const config = clientConfig(options);
  const listeners = subscribers();
  const clock = serverClock();
  const nonces: NonceCount = { live: 0 };
  const report = outageReports(options.reports);
  let storeId = options.expectedStoreId;
  let stopSweep: (() => void) | undefined;
  const server: Server = connectServer({
    config,
    channel: channelOf(schema),
    async check(client) {
      storeId = await prepareSchema(client, schema, storeId);
    },
    onNotice: listeners.hear,
    onListening: listeners.listening,
    onState(fault) {
      report(fault);
      if (fault === undefined) stopSweep ??= startSweep(server, quoted(schema), nonces, options.now);
    },
  });
  const statements = {
    take: takeStatement(quoted(schema)),
    claim: claimStatement(quoted(schema)),
  };
  for (const warning of weaknesses(config)) options.reports?.warn(warning);
  return {
    backend: "postgres",
    ready: server.ready,
    ...recordTables(server, schema),
    take: (bucket, quota, cost, now) => take(server, statements.take, bucket, quota, cost, clock.at(now)),
    claim: (...claimed) => claim(server, statements.claim, nonces, claimed),
    changesSince: changesReader(server, quoted(schema), { ...options, clock, storeId: () => storeId }),
    subscribe: listeners.subscribe,
    async close() {
      await server.close();
      stopSweep?.();
    },
  };
}
