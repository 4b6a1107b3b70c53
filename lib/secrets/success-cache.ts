import { hash, randomBytes } from "node:crypto";

const maxEntries = 1000;
const maxTtlMs = 300_000;

export interface SuccessCacheOptions {
  /** 1 to 1,000. */
  readonly entries?: number;
  /** 1 to 300,000. */
  readonly ttlMs?: number;
}

/** Remembers which password proved which version of a record, so that an answered caller costs no hashing. */
export interface SuccessCache {
  /** `now` is in milliseconds and never decreases. */
  has(id: string, version: number, password: string, now: number): boolean;
  add(id: string, version: number, password: string, now: number): void;
  clear(): void;
  /** Names a record, version and password without giving any of them away, as for `HashQueue#singleFlight`. */
  keyOf(id: string, version: number, password: string): string;
}

/** A bounded cache of successes; failures are never kept. Entries are MACs under a key that dies with the process. */
export function successCache(options: SuccessCacheOptions = {}): SuccessCache {
  const limit = Math.min(options.entries ?? maxEntries, maxEntries);
  const ttlMs = Math.min(options.ttlMs ?? maxTtlMs, maxTtlMs);
  const key = randomBytes(32).toString("base64url");
  const expiries = new Map<string, number>();

  // Each part has its length in front: no two triples give the same text, nor is one's the beginning of another's. So a
  // hash with the key in front is a MAC, at a quarter of the cost of createHmac.
  const keyOf = (id: string, version: number, password: string): string =>
    hash("sha256", `${key}${id.length}:${id}${version}:${password.length}:${password}`, "base64url");

  return {
    has(id, version, password, now) {
      const entry = keyOf(id, version, password);
      const expiry = expiries.get(entry);
      if (expiry === undefined) return false;
      if (expiry > now) return true;
      expiries.delete(entry);
      return false;
    },
    add(id, version, password, now) {
      const entry = keyOf(id, version, password);
      expiries.delete(entry);
      if (expiries.size >= limit) expiries.delete(expiries.keys().next().value as string);
      expiries.set(entry, now + ttlMs);
    },
    clear: () => expiries.clear(),
    keyOf,
  };
}
