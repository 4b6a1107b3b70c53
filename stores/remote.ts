import type { StoreError } from "../lib/errors.ts";
import type { KeyRecord, RecordKind, RecordMap } from "../lib/records.ts";
import type { Change, Quota, Store, Taken } from "../lib/store.ts";

/** Changes have numbers that grow by one with each `put` or `remove` that took place, from 1 for the first. */
export interface ChangesSince {
  /** Number of the last change; 0 when there was none yet. */
  readonly sequence: number;
  /**
   * What changed after the number asked for, in order; "too-many" when the server no longer remembers all of it, when
   * that number is above its own, or when it may have lost changes since, as after a restart from older data.
   */
  readonly changes: readonly Change[] | "too-many";
}

/** What a server says of its own accord. A notice may be lost: `changesSince` tells the same, for sure. */
export interface RemoteListener {
  /** `sequence` is the number of this change. It may come late, twice, or out of order. */
  changed(change: Change, sequence: number): void;
  /** Notices no longer arrive. */
  lost(): void;
  /** Notices arrive, for the first time or again; those from before are gone. */
  restored(): void;
}

/**
 * A store on a server, without any memory of its own: each operation is one question to the server, under the rules of
 * the port. Fails at once with a `StoreError` "unreachable" while there is no connection. `cachedStore` makes a `Store`
 * of it.
 */
export interface RemoteStore extends Pick<Store, "backend" | "ready" | "put" | "touch" | "remove" | "list" | "close"> {
  get<K extends RecordKind>(kind: K, id: string): Promise<RecordMap[K] | undefined>;
  findKeyByDigest(digest: string): Promise<KeyRecord | undefined>;
  take(bucket: string, quota: Quota, cost: number, now: number): Promise<Taken>;
  claim(nonce: string, expiresAt: number, now: number): Promise<boolean>;
  /** One cheap round trip. Holds every change whose `put` or `remove` has been answered. */
  changesSince(sequence: number): Promise<ChangesSince>;
  /** Returns the function that ends it. */
  subscribe(listener: RemoteListener): () => void;
}

/** What an operator has to know. Called once for each outage, not for each request that it meets. */
export interface StoreReports {
  away(fault: StoreError): void;
  back(): void;
  /** The store works, but not as safely as it should. */
  warn(message: string): void;
}
