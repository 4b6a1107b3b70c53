import type { KeySecret, RecordKind, RecordMap } from "../../lib/records.ts";

/** A record by the names of the columns; times stay milliseconds. What is absent is null. */
export function rowOf<K extends RecordKind>(record: RecordMap[K]): object {
  return {
    id: record.id,
    name: record.name,
    description: record.description,
    environment: record.environment,
    scopes: record.scopes,
    addresses: record.addresses,
    limit_requests: record.limit?.requests,
    limit_window_ms: record.limit?.windowMs,
    not_before: record.notBefore,
    expires_at: record.expiresAt,
    disabled: record.disabled,
    revoked_at: record.revokedAt,
    created_at: record.createdAt,
    created_by: record.createdBy,
    updated_at: record.updatedAt,
    updated_by: record.updatedBy,
    last_used_at: record.lastUsedAt,
    last_used_from: record.lastUsedFrom,
    metadata: record.metadata,
    version: record.version,
    ...("secrets" in record
      ? { kind: record.kind, secrets: record.secrets.map(secretRowOf) }
      : { password_hash: record.passwordHash }),
  };
}

function secretRowOf({ digest, lastFour, createdAt, expiresAt, lastUsedAt }: KeySecret, position: number): object {
  return {
    digest,
    last_four: lastFour,
    created_at: createdAt,
    expires_at: expiresAt,
    last_used_at: lastUsedAt,
    position,
  };
}
