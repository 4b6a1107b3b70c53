import assert from "node:assert/strict";
import { StoreError } from "../../lib/errors.ts";
import type { KeyRecord, UserRecord } from "../../lib/records.ts";
import type { Store } from "../../lib/store.ts";

export interface Seed {
  readonly keys: readonly KeyRecord[];
  readonly users: readonly UserRecord[];
}

export interface OpenStore {
  readonly store: Store;
  /** The same store after its end: closes `store` and opens it anew. */
  readonly reopen?: () => Promise<Store>;
  /** Another instance on the same data; closed by whoever made it. */
  readonly other?: () => Promise<Store>;
}

/** What a back end can do. What it cannot is listed as pending, with the reason. */
export interface Features {
  /** False: `put` and `remove` are refused as "read-only". */
  readonly writable: boolean;
  /** False: nothing is there after the store was closed. */
  readonly durable: boolean;
  /** False: each instance counts for itself. */
  readonly shared: boolean;
}

/** Opens a store that holds the seed. */
export type Open = (seed: Seed) => Promise<OpenStore>;

/** Runs `body` with a store that holds the seed, and closes it. */
export async function withStore(open: Open, seed: Partial<Seed>, body: (opened: OpenStore) => Promise<void>) {
  const opened = await open({ keys: [], users: [], ...seed });
  try {
    await body(opened);
  } finally {
    await opened.store.close();
  }
}

/** A case that does not apply is shown as pending. */
export function provided(applies: boolean, title: string, body: () => Promise<void>): void {
  if (applies) it(title, body);
  else it(`${title} (does not apply to this back end)`);
}

export function faulty(code: StoreError["code"]) {
  return (error: unknown) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}
