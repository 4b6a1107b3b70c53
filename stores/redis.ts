import { StoreError } from "../lib/errors.ts";
import type { Store } from "../lib/store.ts";
import { cachedStore } from "./cached.ts";
import { parseMessage, readChanges } from "./redis/changes.ts";
import type { Connection, Run } from "./redis/connection.ts";
import { redisCounters } from "./redis/counters.ts";
import { keysOf } from "./redis/keys.ts";
import { type Link, openLink } from "./redis/link.ts";
import { type RedisOptions, type Target, targetOf, weaknesses } from "./redis/options.ts";
import { redisRecords } from "./redis/records.ts";
import type { RemoteListener, RemoteStore } from "./remote.ts";
import { serverClock } from "./server-clock.ts";

export interface RedisStoreOptions extends RedisOptions {
  /** As for `cachedStore`. */
  readonly entries?: number;
  readonly pollMs?: number;
  readonly staleMs?: number;
}

/**
 * A store in Redis 6 or later, or Valkey; not in a cluster. Many processes may share it.
 * @throws ConfigError for settings that cannot work.
 */
export function redisStore(options: RedisStoreOptions): Store {
  return cachedStore(remoteRedis(options), options);
}

/** @throws ConfigError for settings that cannot work. */
export function remoteRedis(options: RedisOptions): RemoteStore {
  const target = targetOf(options);
  const keys = keysOf(target.prefix, target.database);
  const listeners = new Set<RemoteListener>();
  const clock = serverClock();
  const { use, close } = linkOnUse(options, target, listeners);
  const run: Run = async (...asked) => (await use()).run(...asked);
  const counters = redisCounters(run, keys);
  const isOlder = olderData(options);
  return {
    backend: "redis",
    close,
    ...redisRecords(run, keys),
    claim: counters.claim,
    take: (bucket, quota, cost, now) => counters.take(bucket, quota, cost, clock.at(now)),
    ready: async () => void (await use()),
    async changesSince(asked) {
      const connection = await use();
      const askedAt = options.now();
      const [found] = await Promise.all([readChanges(connection, keys, asked), connection.checkRole()]);
      clock.learn(found.serverTime, askedAt, options.now());
      return isOlder(connection, found.sequence) ? { sequence: found.sequence, changes: "too-many" } : found;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/**
 * Whether what is known of changes is of no use, as the server started again since: it may have lost changes, and given
 * their numbers to others. Warns when it has fewer than it had.
 */
function olderData({ reports }: RedisOptions): (connection: Connection, sequence: number) => boolean {
  let known: { readonly runId: string; readonly storeId: string; readonly sequence: number } | undefined;
  return ({ runId, storeId }, sequence) => {
    const before = known;
    known = { runId, storeId, sequence };
    if (before === undefined || (before.runId === runId && before.storeId === storeId)) return false;
    if (before.storeId === storeId && sequence < before.sequence) {
      reports?.warn(
        "Redis has lost changes: what was revoked last may be valid again. See that appendfsync is always.",
      );
    }
    return true;
  };
}

function linkOnUse({ now, reports }: RedisOptions, target: Target, listeners: ReadonlySet<RemoteListener>) {
  let link: Link | undefined;
  let isClosed = false;
  const connect = () => {
    for (const weakness of weaknesses(target)) reports?.warn(weakness);
    return openLink({
      target,
      now,
      reports,
      onMessage(message) {
        const { change, sequence } = parseMessage(message);
        for (const listener of listeners) listener.changed(change, sequence);
      },
      onUp() {
        for (const listener of listeners) listener.restored();
      },
      onDown() {
        for (const listener of listeners) listener.lost();
      },
    });
  };
  return {
    async use() {
      if (isClosed) throw new StoreError("closed", "The store is closed.");
      link ??= connect();
      return link.use();
    },
    async close() {
      isClosed = true;
      await link?.close();
    },
  };
}
