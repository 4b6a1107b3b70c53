import type { KeyRecord, RecordKind, RecordMap, UserRecord } from "../../lib/records.ts";
import type { Store } from "../../lib/store.ts";

export interface MemoryStore extends Store {
  /** Called before each write, to let another writer be first. */
  beforePut: () => void;
}

/** A store of records in memory, by the rules of the port, for tests of what is built on it. */
export function memoryStore(): MemoryStore {
  const records = { key: new Map<string, KeyRecord>(), user: new Map<string, UserRecord>() };
  const of = <K extends RecordKind>(kind: K) => records[kind] as unknown as Map<string, RecordMap[K]>;
  const store: MemoryStore = {
    backend: "embedded",
    beforePut: () => {},
    ready: async () => {},
    get: (kind, id) => of(kind).get(id),
    findKeyByDigest: (digest) =>
      [...records.key.values()].find(({ secrets }) => secrets.some((secret) => secret.digest === digest)),
    async put(kind, record) {
      store.beforePut();
      const stored = of(kind).get(record.id);
      const isRevived = stored?.revokedAt !== undefined && record.revokedAt === undefined;
      if ((stored?.version ?? 0) !== record.version - 1 || isRevived || takesDigest(kind, record)) return false;
      of(kind).set(record.id, structuredClone(record));
      return true;
    },
    touch: async () => {},
    remove: async (kind, id, version) => of(kind).get(id)?.version === version && of(kind).delete(id),
    async list(kind, { after = "", limit, search = "" }) {
      const found = [...of(kind).values()]
        .filter(({ id, name }) => id > after && `${id} ${name}`.toLowerCase().includes(search.toLowerCase()))
        .sort((one, other) => (one.id < other.id ? -1 : 1));
      const items = found.slice(0, limit);
      return found.length > limit ? { items, next: items.at(-1)?.id ?? "" } : { items };
    },
    take: () => ({ allowed: true, remaining: 1, retryAfterMs: 0, resetMs: 0 }),
    claim: () => true,
    onChange: () => () => {},
    close: async () => {},
  };
  const takesDigest = (kind: RecordKind, record: KeyRecord | UserRecord) =>
    kind === "key" &&
    (record as KeyRecord).secrets.some(({ digest }) => {
      const holder = store.findKeyByDigest(digest) as KeyRecord | undefined;
      return digest.startsWith("hmac") && holder !== undefined && holder.id !== record.id;
    });
  return store;
}
