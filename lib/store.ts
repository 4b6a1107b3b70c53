import type { Awaitable } from "./check.ts";
import type { KeyRecord, RecordKind, RecordMap } from "./records.ts";

export type Backend = "credentials" | "embedded";

export interface Page<T> {
  readonly items: readonly T[];
  /** Hand to the next call as `after`; absent on the last page. */
  readonly next?: string;
}

export interface ListQuery {
  readonly after?: string;
  /** 1 to 1,000. */
  readonly limit: number;
  /** Part of an id or name, in any case. */
  readonly search?: string;
}

export interface Change {
  readonly kind: RecordKind;
  readonly id: string;
}

/** `capacity` requests in any stretch of `windowMs`, counted as GCRA does: no edge at which twice as many pass. */
export interface Quota {
  readonly capacity: number;
  readonly windowMs: number;
}

export interface Taken {
  readonly allowed: boolean;
  /** Whole units that could be taken now. */
  readonly remaining: number;
  /** Until one more unit can be taken; 0 when one can be taken now. */
  readonly retryAfterMs: number;
  /** Until the bucket is full again. */
  readonly resetMs: number;
}

/**
 * Where keys, users, counters and nonces live. Every operation is atomic and complete in itself; none is optional.
 * Whatever breaks is a `StoreError`.
 */
export interface Store {
  readonly backend: Backend;
  /** Resolves once the store can answer; rejects with the reason why it never will. */
  ready(): Promise<void>;
  get<K extends RecordKind>(kind: K, id: string): Awaitable<RecordMap[K] | undefined>;
  /** The key that has this digest among its secrets. Only `hmac-sha256:` digests are indexed. */
  findKeyByDigest(digest: string): Awaitable<KeyRecord | undefined>;
  /**
   * Writes `record` if the stored version is `record.version - 1`, or if none is stored and `record.version` is 1.
   * False when another writer was first, when a digest belongs to another key, or when a revoked record would be revived.
   * Durable once resolved.
   */
  put<K extends RecordKind>(kind: K, record: RecordMap[K]): Promise<boolean>;
  /** Removes the record if its stored version is `version`; false otherwise. */
  remove(kind: RecordKind, id: string, version: number): Promise<boolean>;
  /** In the order of ids. */
  list<K extends RecordKind>(kind: K, query: ListQuery): Promise<Page<RecordMap[K]>>;
  /** Takes `cost` units from a bucket, or none. `now` is in milliseconds since the epoch. */
  take(bucket: string, quota: Quota, cost: number, now: number): Awaitable<Taken>;
  /** True for the first caller to claim the nonce before `expiresAt`, false for every other. */
  claim(nonce: string, expiresAt: number, now: number): Awaitable<boolean>;
  /** Calls back after a change by this or another process; returns the function that ends it. */
  onChange(listener: (change: Change) => void): () => void;
  close(): Promise<void>;
}
