import type { KeyRecord, RecordKind, RecordMap } from "../lib/records.ts";
import type { ListQuery, Page } from "../lib/store.ts";

/** The digests by which a key can be found. A generated key is found by the id in it, so only imported ones count. */
export function indexedDigests(record: RecordMap[RecordKind] | undefined): readonly string[] {
  if (record === undefined || !("secrets" in record)) return [];
  return record.secrets.map((secret) => secret.digest).filter((digest) => digest.startsWith("hmac-sha256:"));
}

export function hasDigest(key: KeyRecord | undefined, digest: string): key is KeyRecord {
  return indexedDigests(key).includes(digest);
}

/** Revocation is final: what follows a revoked record is revoked too, and no later. */
export function revives(stored: RecordMap[RecordKind], next: RecordMap[RecordKind]): boolean {
  if (stored.revokedAt === undefined) return false;
  return next.revokedAt === undefined || next.revokedAt > stored.revokedAt;
}

/** Whether a record is what a list was asked for. @throws RangeError when the limit is not 1 to 1,000. */
export function listFilter(query: ListQuery): (record: RecordMap[RecordKind]) => boolean {
  if (!(Number.isInteger(query.limit) && query.limit >= 1 && query.limit <= 1_000)) {
    throw new RangeError("limit must be 1 to 1,000");
  }
  const search = query.search?.toLowerCase() ?? "";
  return ({ id, name }) => id.toLowerCase().includes(search) || name.toLowerCase().includes(search);
}

/** A page of at most `limit` of `found`, which holds one more than that when there is a next page. */
export function pageOf<T extends { readonly id: string }>(found: readonly T[], limit: number): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last !== undefined ? { items, next: last.id } : { items };
}
