import { createSecretKey, type KeyObject } from "node:crypto";
import { failureThrottle } from "../../lib/failure-throttle.ts";
import { type Keyring, keyring } from "../../lib/keyring.ts";
import { passwords } from "../../lib/passwords.ts";
import type { KeyRecord } from "../../lib/records.ts";
import { hashQueue } from "../../lib/secrets/hash-queue.ts";
import { successCache } from "../../lib/secrets/success-cache.ts";
import type { Store } from "../../lib/store.ts";

export const masterKey: KeyObject = createSecretKey(Buffer.alloc(32, 7));

export const keyPrefix = "gh";

/** A key for production, without scopes or secrets. */
export function keyRecord(name: string): KeyRecord {
  return {
    id: name,
    name,
    description: "",
    kind: "server",
    environment: "production",
    scopes: [],
    addresses: [],
    disabled: false,
    createdAt: 0,
    createdBy: "case",
    updatedAt: 0,
    updatedBy: "case",
    metadata: {},
    version: 1,
    secrets: [],
  };
}

/** The keyring of one process on a store. */
export function keyringOf(store: Store, now: () => number): Keyring {
  const shared = { store, now, throttle: failureThrottle() };
  const proving = passwords({
    ...shared,
    queue: hashQueue(),
    cache: successCache(),
    onFault: (error) => {
      throw error;
    },
  });
  return keyring({ ...shared, prefix: keyPrefix, masterKey, passwords: proving });
}
