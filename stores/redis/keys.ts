import type { RecordKind } from "../../lib/records.ts";

/** Names of what a store keeps in Redis. The braces keep them on one node of whatever shares keys out by their names. */
export interface Keys {
  /** What says that there is a store, and which. */
  readonly marker: string;
  /** Set to "yes" by a person who wants a new store in the place of one that is gone. */
  readonly initialise: string;
  /** Hashes: JSON by id. */
  readonly records: Readonly<Record<RecordKind, string>>;
  /** Sorted sets of the ids, for lists. */
  readonly ids: Readonly<Record<RecordKind, string>>;
  /** Hash: id of the key that has a digest. */
  readonly digests: string;
  /** Number of the last change. */
  readonly sequence: string;
  /** List of the latest changes, the last one at its end. */
  readonly changes: string;
  /** Where changes are published: channels are not the database's own, as keys are. */
  readonly channel: string;
  readonly bucket: (name: string) => string;
  readonly nonce: (name: string) => string;
}

export function keysOf(prefix: string, database: number): Keys {
  const own = `{${prefix}}`;
  return {
    marker: `${own}:store`,
    initialise: `${own}:initialise`,
    records: { key: `${own}:keys`, user: `${own}:users` },
    ids: { key: `${own}:key-ids`, user: `${own}:user-ids` },
    digests: `${own}:digests`,
    sequence: `${own}:last-change`,
    changes: `${own}:changes`,
    channel: `${own}:changes:${database}`,
    bucket: (name) => `${own}:bucket:${name}`,
    nonce: (name) => `${own}:nonce:${name}`,
  };
}
