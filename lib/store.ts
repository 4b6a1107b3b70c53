import type { Awaitable } from "./check.ts";
import type { KeyRecord, RecordKind, RecordMap } from "./records.ts";

export type Backend = "credentials" | "embedded" | "redis" | "postgres";

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
  /** Absent when it is not known which record changed, as after an outage: any of that kind may have. */
  readonly id?: string;
}

/** When and from where a record was last used. */
export interface RecordUse {
  readonly kind: RecordKind;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** As addresses are counted: of IPv6 the /64. */
  readonly from: string;
  /** Of a key: when its secrets were last used. */
  readonly secrets: readonly { readonly digest: string; readonly at: number }[];
}

/**
 * At most `capacity` units at once, and one more for each `windowMs / capacity` that passes, as GCRA counts: no window
 * at whose edge everything is free again.
 */
export interface Quota {
  /** A whole number above 0. */
  readonly capacity: number;
  readonly windowMs: number;
  /**
   * For a quota of one day or month instead: nothing comes back before this time, in milliseconds since the epoch. Then
   * the bucket may be forgotten; the next period has a bucket of its own.
   */
  readonly until?: number;
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
 * Whatever breaks is a `StoreError`, thrown at once or as a rejection; "closed" after `close`. An argument that is no
 * record, or a number out of its range, is a `TypeError` or `RangeError`.
 */
export interface Store {
  readonly backend: Backend;
  /** Resolves once the store can answer; rejects with the reason why it never will. */
  ready(): Promise<void>;
  /**
   * Undefined for an id that no record can have: one that is empty, above 255 bytes of UTF-8, or not well-formed.
   * What is stored but is no record is a `StoreError` "damaged" for this id alone.
   */
  get<K extends RecordKind>(kind: K, id: string): Awaitable<RecordMap[K] | undefined>;
  /** The key that has this digest among its secrets. Only `hmac-sha256:` digests are indexed. */
  findKeyByDigest(digest: string): Awaitable<KeyRecord | undefined>;
  /**
   * Writes `record` if the stored version is `record.version - 1`, or if none is stored and `record.version` is 1.
   * False when another writer was first, when a digest belongs to another key, or when a revoked record would be revived.
   * Durable once resolved.
   */
  put<K extends RecordKind>(kind: K, record: RecordMap[K]): Promise<boolean>;
  /**
   * Notes uses: `lastUsedAt` and `lastUsedFrom` of each record, and `lastUsedAt` of its secrets, where they are later than
   * what is stored. Nothing else changes: no version, and nobody is told. What is not there is passed over. A `put` of an
   * older state keeps the later use.
   */
  touch(uses: readonly RecordUse[]): Promise<void>;
  /** Removes the record if its stored version is `version`; false otherwise. */
  remove(kind: RecordKind, id: string, version: number): Promise<boolean>;
  /** In the order of the ids' UTF-8 bytes. What `get` would call damaged is left out. */
  list<K extends RecordKind>(kind: K, query: ListQuery): Promise<Page<RecordMap[K]>>;
  /**
   * Takes `cost` units from a bucket, or none. `now` is in milliseconds since the epoch; a clock that goes back gives
   * nothing. Counters may be forgotten when the machine restarts.
   */
  take(bucket: string, quota: Quota, cost: number, now: number): Awaitable<Taken>;
  /** True for the first caller to claim the nonce before `expiresAt`, false for every other. As durable as a record. */
  claim(nonce: string, expiresAt: number, now: number): Awaitable<boolean>;
  /** Calls back after a change by this or another process; returns the function that ends it. */
  onChange(listener: (change: Change) => void): () => void;
  close(): Promise<void>;
}
