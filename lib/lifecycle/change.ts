import type { RecordKind, RecordMap } from "../records.ts";
import type { Store } from "../store.ts";

export type Changed<R> =
  | { readonly outcome: "changed" | "unchanged"; readonly record: R }
  | { readonly outcome: "conflict" | "missing" | "revoked" };

export interface ChangeRequest<K extends RecordKind> {
  readonly kind: K;
  readonly id: string;
  /** Gives the record that is to be stored, or the same one for no change. May run more than once. */
  readonly transition: (record: RecordMap[K]) => RecordMap[K];
  /** The version that the caller saw: any other is a conflict. Without it the transition applies to what is there. */
  readonly expectedVersion?: number | undefined;
  /** For the revocation itself: done twice, it is no error. */
  readonly evenIfRevoked?: boolean | undefined;
}

/** Fifty writers of one record lose at most 49 races each. */
const attempts = 64;

/**
 * Reads, changes and writes one record, so that no change of another writer is lost. A revoked record stays as it is.
 * Rejects with a `StoreError`.
 */
export async function change<K extends RecordKind>(
  store: Store,
  request: ChangeRequest<K>,
): Promise<Changed<RecordMap[K]>> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const settled = await changeOnce(store, request);
    if (settled) return settled;
  }
  return { outcome: "conflict" };
}

/** Undefined when another writer was first. */
async function changeOnce<K extends RecordKind>(
  store: Store,
  { kind, id, transition, expectedVersion, evenIfRevoked }: ChangeRequest<K>,
): Promise<Changed<RecordMap[K]> | undefined> {
  const record = await store.get(kind, id);
  if (!record) return { outcome: "missing" };
  if (expectedVersion !== undefined && record.version !== expectedVersion) return { outcome: "conflict" };
  if (record.revokedAt !== undefined && !evenIfRevoked) return { outcome: "revoked" };
  const next = transition(record);
  if (next === record) return { outcome: "unchanged", record };
  return (await store.put(kind, next)) ? { outcome: "changed", record: next } : undefined;
}
