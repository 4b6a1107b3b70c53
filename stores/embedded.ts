import { StoreError } from "../lib/errors.ts";
import type { Change, Store } from "../lib/store.ts";
import { claim, take } from "./embedded/counters.ts";
import { storeFault } from "./embedded/faults.ts";
import { acquire, type Opened } from "./embedded/opened.ts";
import { getKeyByDigest, getRecord, listRecords, putRecord, removeRecord, touchRecords } from "./embedded/records.ts";
import { type ChangeListener, tell } from "./listeners.ts";

export interface EmbeddedOptions {
  /** Absolute path; made when it does not exist. Holds nothing but the store. */
  readonly folder: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The store that must be there: no new one is begun in its place. */
  readonly expectedStoreId?: string;
}

export interface EmbeddedStore extends Store {
  /** Which store this is, for good; for `expectedStoreId`. */
  storeId(): Promise<string>;
}

/**
 * A store in files on this machine (LMDB). Several processes may use the folder at once; it survives `kill -9` and the
 * loss of power. Reads answer at once when it is open.
 */
export function embeddedStore(options: EmbeddedOptions): EmbeddedStore {
  const access = openOnUse(options);
  const { listeners, use, useLater } = access;
  return {
    backend: "embedded",
    ready: () => useLater(() => undefined),
    storeId: () => useLater(({ environment }) => environment.storeId),
    get: (kind, id) => use(({ environment, cache }) => getRecord(environment, cache, kind, id)),
    findKeyByDigest: (digest) => use(({ environment, cache }) => getKeyByDigest(environment, cache, digest)),
    put: (kind, record) =>
      useLater(async ({ environment, changes }) => {
        const written = await putRecord(environment, kind, record);
        if (written) changes.announce();
        return written;
      }),
    remove: (kind, id, version) =>
      useLater(async ({ environment, changes }) => {
        const removed = await removeRecord(environment, kind, id, version);
        if (removed) changes.announce();
        return removed;
      }),
    touch: (uses) => useLater(({ environment }) => touchRecords(environment, uses)),
    list: (kind, query) => useLater(({ environment }) => listRecords(environment, kind, query)),
    take: (bucket, quota, cost, now) => use(({ environment }) => take(environment, bucket, quota, cost, now)),
    claim: (nonce, expiresAt, now) =>
      useLater(({ environment, nonces }) => claim(environment, nonces, nonce, expiresAt, now)),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: access.close,
  };
}

interface Access {
  readonly listeners: Set<ChangeListener>;
  /** Answers at once when the store is open. */
  use<T>(action: (opened: Opened) => T): T | Promise<T>;
  useLater<T>(action: (opened: Opened) => T | Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens the folder on first use, and gives it back once: after `close`, when nothing is under way any more. */
function openOnUse({ folder, now, expectedStoreId }: EmbeddedOptions): Access {
  const listeners = new Set<ChangeListener>();
  const underWay = new Set<Promise<unknown>>();
  let opening: Promise<Opened> | undefined;
  let opened: Opened | undefined;
  let closed: Promise<void> | undefined;
  const tellAll = (change: Change) => tell(listeners, change);
  const open = async () => {
    opened = await acquire({ folder, now, expectedStoreId }, tellAll);
    return opened;
  };
  const release = async () => {
    await Promise.allSettled(underWay);
    await opened?.release();
  };
  const useLater: Access["useLater"] = (action) => {
    if (closed !== undefined) return Promise.reject(closedFault());
    opening ??= open();
    const done = opening.then(action).catch(rethrow);
    underWay.add(done);
    const forget = () => void underWay.delete(done);
    done.then(forget, forget);
    return done;
  };
  return {
    listeners,
    useLater,
    use(action) {
      if (closed !== undefined) throw closedFault();
      if (opened === undefined) return useLater(action);
      try {
        return action(opened);
      } catch (error) {
        return rethrow(error);
      }
    },
    close() {
      closed ??= release();
      return closed;
    },
  };
}

function rethrow(error: unknown): never {
  throw storeFault(error);
}

function closedFault(): StoreError {
  return new StoreError("closed", "The store is closed.");
}
