import type { KeyRecord, KeySecret, UserRecord } from "../records.ts";
import { maskApiKey } from "../secrets/api-key.ts";
import { hashKind } from "../secrets/password-hash.ts";

export type RecordState = "active" | "disabled" | "expired" | "not-yet-valid" | "revoked";

/** Which of its states a record is in; the most final one wins. `now` is in milliseconds since the epoch. */
export function stateOf(record: KeyRecord | UserRecord, now: number): RecordState {
  if (record.revokedAt !== undefined) return "revoked";
  if (record.disabled) return "disabled";
  if (record.expiresAt !== undefined && now >= record.expiresAt) return "expired";
  return record.notBefore !== undefined && now < record.notBefore ? "not-yet-valid" : "active";
}

/** A key as people may see it: no digest. Dates are ISO 8601. `prefix` is the store's. */
export function publicKey(record: KeyRecord, prefix: string, now: number) {
  const [current] = record.secrets;
  return {
    ...publicRecord(record, now),
    kind: record.kind,
    masked: current ? maskSecret(record, current, prefix) : "",
    imported: current !== undefined && isImported(current),
    credentials: record.secrets.map((secret) => ({
      masked: maskSecret(record, secret, prefix),
      createdAt: iso(secret.createdAt),
      ...dates(secret, ["expiresAt", "lastUsedAt"]),
    })),
  };
}

/** A user as people may see it: of the password, only how it is kept. Dates are ISO 8601. */
export function publicUser(record: UserRecord, now: number) {
  return { ...publicRecord(record, now), passwordKind: hashKind(record.passwordHash) ?? "unusable" };
}

function publicRecord(record: KeyRecord | UserRecord, now: number) {
  const { limit } = record;
  return {
    id: record.id,
    name: record.name,
    description: record.description,
    state: stateOf(record, now),
    environment: record.environment,
    scopes: record.scopes,
    addresses: record.addresses,
    ...(limit && { limit: { requests: limit.requests, windowSeconds: limit.windowMs / 1000 } }),
    ...dates(record, ["notBefore", "expiresAt", "revokedAt", "lastUsedAt"]),
    ...(record.lastUsedFrom !== undefined && { lastUsedFrom: record.lastUsedFrom }),
    disabled: record.disabled,
    createdAt: iso(record.createdAt),
    createdBy: record.createdBy,
    updatedAt: iso(record.updatedAt),
    updatedBy: record.updatedBy,
    metadata: record.metadata,
    version: record.version,
  };
}

function maskSecret(record: KeyRecord, secret: KeySecret, prefix: string): string {
  return isImported(secret) ? `…${secret.lastFour}` : maskApiKey(prefix, record, secret.lastFour);
}

function isImported(secret: KeySecret): boolean {
  return secret.digest.startsWith("hmac-sha256:");
}

function dates<M extends string>(from: { readonly [K in M]?: number }, members: readonly M[]): { [K in M]?: string } {
  const entries = members.flatMap((member) => {
    const at = from[member];
    return at === undefined ? [] : [[member, iso(at)] as const];
  });
  return Object.fromEntries(entries) as { [K in M]?: string };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
