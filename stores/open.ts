import type { Store } from "../lib/store.ts";
import { type CredentialsOptions, credentialsStore } from "./credentials.ts";
import { type EmbeddedOptions, embeddedStore } from "./embedded.ts";
import { type PostgresStoreOptions, postgresStore } from "./postgres.ts";
import { type RedisStoreOptions, redisStore } from "./redis.ts";

interface BackendOptions {
  readonly credentials: CredentialsOptions;
  readonly embedded: EmbeddedOptions;
  readonly postgres: PostgresStoreOptions;
  readonly redis: RedisStoreOptions;
}

/** Which back end, and what it needs. */
export type StoreOptions<B extends keyof BackendOptions = keyof BackendOptions> = {
  [Each in B]: { readonly backend: Each } & BackendOptions[Each];
}[B];

const backends: { readonly [B in keyof BackendOptions]: (options: StoreOptions<B>) => Store } = {
  credentials: credentialsStore,
  embedded: embeddedStore,
  postgres: postgresStore,
  redis: redisStore,
};

/** A store that opens on first use. @throws ConfigError for settings that cannot work. */
export function openStore<B extends keyof BackendOptions>(options: StoreOptions<B>): Store {
  return backends[options.backend](options);
}
