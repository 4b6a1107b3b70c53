import { ConfigError, StoreError } from "../lib/errors.ts";
import type { KeyRecord, RecordKind, RecordMap, UserRecord } from "../lib/records.ts";
import type { ListQuery, Page, Store } from "../lib/store.ts";
import { memoryCounters } from "./memory-counters.ts";
import { idBytes } from "./record-ids.ts";
import { hasDigest, indexedDigests, listFilter, pageOf } from "./record-rules.ts";
import { readRecord } from "./record-shape.ts";

export interface CredentialsOptions {
  readonly keys: readonly KeyRecord[];
  readonly users: readonly UserRecord[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

type Tables = { readonly [K in RecordKind]: ReadonlyMap<string, RecordMap[K]> };

/**
 * A few keys and users that are deployed with the flow and change with the next deploy only. Counters and nonces are this
 * process's own.
 * @throws ConfigError when an id is missing or used twice, or two keys share a digest.
 */
export function credentialsStore({ keys, users }: CredentialsOptions): Store {
  const tables: Tables = { key: byId("keys", keys), user: byId("users", users) };
  const byDigest = digestTable(tables.key);
  const counters = memoryCounters();
  let closed = false;
  const check = () => {
    if (closed) throw new StoreError("closed", "The store is closed.");
  };
  const get = <K extends RecordKind>(kind: K, id: string): RecordMap[K] | undefined => {
    check();
    const record: RecordMap[K] | undefined = tables[kind].get(id);
    return record && readRecord(kind, id, record);
  };
  return {
    backend: "credentials",
    ready: async () => check(),
    get,
    findKeyByDigest(digest) {
      check();
      const id = byDigest.get(digest);
      const key = id === undefined ? undefined : get("key", id);
      return hasDigest(key, digest) ? key : undefined;
    },
    put: () => refuseWrite(check),
    remove: () => refuseWrite(check),
    // There is nowhere to keep it.
    touch: async () => check(),
    async list(kind, query) {
      check();
      return listPage(kind, tables[kind], query);
    },
    take(bucket, quota, cost, now) {
      check();
      return counters.take(bucket, quota, cost, now);
    },
    claim(nonce, expiresAt, now) {
      check();
      return counters.claim(nonce, expiresAt, now);
    },
    // Nothing changes here while it is deployed.
    onChange: () => () => undefined,
    async close() {
      closed = true;
    },
  };
}

async function refuseWrite(check: () => void): Promise<never> {
  check();
  throw new StoreError("read-only", "These keys and users are changed in the store's settings and deployed.");
}

/** In the order of ids. A record that is not usable is kept, so that it is refused and not unknown. */
function byId<T extends { readonly id: string }>(option: string, records: readonly T[]): ReadonlyMap<string, T> {
  const table = new Map<string, T>();
  for (const record of structuredClone(records)) {
    if (idBytes(record.id) === undefined) throw new ConfigError(option, "A record has no usable id.");
    if (table.has(record.id)) throw new ConfigError(option, `The id ${JSON.stringify(record.id)} is used twice.`);
    table.set(record.id, record);
  }
  return new Map([...table].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
}

function digestTable(keys: Tables["key"]): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (const [id, key] of keys) {
    for (const digest of indexedDigests(readable("key", id, key)[0])) {
      if ((table.get(digest) ?? id) !== id) throw new ConfigError("keys", "Two keys have the same secret.");
      table.set(digest, id);
    }
  }
  return table;
}

function listPage<K extends RecordKind>(
  kind: K,
  table: ReadonlyMap<string, RecordMap[K]>,
  query: ListQuery,
): Page<RecordMap[K]> {
  const wanted = listFilter(query);
  const after = Buffer.from(query.after ?? "");
  const following = [...table].filter(([id]) => Buffer.compare(Buffer.from(id), after) > 0);
  const found = following.flatMap(([id, record]) => readable(kind, id, record)).filter(wanted);
  return pageOf(found, query.limit);
}

function readable<K extends RecordKind>(kind: K, id: string, record: RecordMap[K]): readonly RecordMap[K][] {
  try {
    return [readRecord(kind, id, record)];
  } catch {
    return [];
  }
}
