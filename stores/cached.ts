import type { Change, Store } from "../lib/store.ts";
import { type Follower, follow } from "./cached/follow.ts";
import { recordCache } from "./cached/record-cache.ts";
import { type ChangeListener, tell } from "./listeners.ts";
import type { RemoteStore } from "./remote.ts";

export interface CachedOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Records kept at most. 10,000 by default. */
  readonly entries?: number;
  /** How often the server is asked for changes, besides those that it tells of itself. 500 by default. */
  readonly pollMs?: number;
  /** How long records may be used that were read before the connection was lost. 0 by default: not at all. */
  readonly staleMs?: number;
}

/**
 * A store on a server that answers for the records read before, at once, as long as it is known what was changed until a
 * second ago. Otherwise it asks the server.
 */
export function cachedStore(
  remote: RemoteStore,
  { now, entries = 10_000, pollMs = 500, staleMs = 0 }: CachedOptions,
): Store {
  const cache = recordCache(entries);
  const listeners = new Set<ChangeListener>();
  let follower: Follower | undefined;
  let isClosed = false;
  const start = () => {
    const changed = (change: Change) => tell(listeners, change);
    follower ??= follow(remote, { now, pollMs, staleMs }, { drop: cache.drop, changed });
    return follower;
  };
  const isCurrent = () => !isClosed && start().isCurrent();
  /** A write that failed may have taken place all the same. */
  const write = async (change: Change, action: () => Promise<boolean>) => {
    if (!isClosed) await start().begin();
    const written = await action().finally(() => cache.drop(change));
    // When the connection is lost at this moment, those here are told now and, with all else, again when it is back.
    if (written && !isClosed) {
      await start()
        .catchUp()
        .catch(() => tell(listeners, change));
    }
    return written;
  };
  return {
    backend: remote.backend,
    async ready() {
      await remote.ready();
      if (!isClosed) await start().catchUp();
    },
    get: (kind, id) => (isCurrent() && cache.get(kind, id)) || cache.fill(kind, () => remote.get(kind, id)),
    findKeyByDigest: (digest) =>
      (isCurrent() && cache.getByDigest(digest)) || cache.fillByDigest(digest, () => remote.findKeyByDigest(digest)),
    put: (kind, record) => write({ kind, id: record.id }, () => remote.put(kind, record)),
    remove: (kind, id, version) => write({ kind, id }, () => remote.remove(kind, id, version)),
    touch: (uses) => remote.touch(uses).finally(() => uses.forEach(cache.drop)),
    list: (kind, query) => remote.list(kind, query),
    take: (bucket, quota, cost, at) => remote.take(bucket, quota, cost, at),
    claim: (nonce, expiresAt, at) => remote.claim(nonce, expiresAt, at),
    onChange(listener) {
      if (!isClosed) start();
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      isClosed = true;
      follower?.end();
      await remote.close();
    },
  };
}
