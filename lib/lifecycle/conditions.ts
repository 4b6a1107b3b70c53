import type { Environment } from "../check.ts";
import type { Conditions, KeyRecord, UserRecord } from "../records.ts";
import type { ChangeContext } from "./context.ts";

/** What people may set on a key or user. An absent member leaves the default. */
export interface ConditionsInput {
  readonly description?: string | undefined;
  readonly environment?: Environment | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly limit?: Conditions["limit"] | undefined;
  /** Milliseconds since the epoch. */
  readonly notBefore?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** As `ConditionsInput`, for a record that exists: an absent member stays, null takes the condition away. */
export interface RecordChanges {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly kind?: KeyRecord["kind"] | undefined;
  readonly environment?: Environment | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly limit?: Conditions["limit"] | null | undefined;
  readonly notBefore?: number | null | undefined;
  readonly expiresAt?: number | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Everything of a new record but its secret: version 1, enabled, for production, with no scopes, from anywhere. */
export function newRecord(id: string, name: string, input: ConditionsInput, { now, actor }: ChangeContext) {
  return {
    id,
    name,
    description: input.description ?? "",
    environment: input.environment ?? ("production" as const),
    scopes: input.scopes ?? [],
    addresses: input.addresses ?? [],
    ...defined({ limit: input.limit, notBefore: input.notBefore, expiresAt: input.expiresAt }),
    disabled: false,
    createdAt: now,
    createdBy: actor,
    updatedAt: now,
    updatedBy: actor,
    metadata: input.metadata ?? {},
    version: 1,
  };
}

/** The record with one version more, and the mark of who changed it. */
export function touched<R extends KeyRecord | UserRecord>(record: R, { now, actor }: ChangeContext): R {
  return { ...record, updatedAt: now, updatedBy: actor, version: record.version + 1 };
}

/** The record with other conditions. Secrets, dates of its life and revocation cannot be changed this way. */
export function updateRecord<R extends KeyRecord | UserRecord>(
  record: R,
  changes: RecordChanges,
  context: ChangeContext,
): R {
  const next = { ...touched(record, context), ...defined(changes) };
  for (const member of ["limit", "notBefore", "expiresAt"] as const) {
    if (changes[member] === null) delete next[member];
  }
  return next as R;
}

/** The record switched off, or on again. The same record when it is so already. */
export function setDisabled<R extends KeyRecord | UserRecord>(record: R, disabled: boolean, context: ChangeContext): R {
  return record.disabled === disabled ? record : { ...touched(record, context), disabled };
}

/** The record ended for good. The first revocation's time stays (R14). */
export function revoke<R extends KeyRecord | UserRecord>(record: R, context: ChangeContext): R {
  return record.revokedAt === undefined ? { ...touched(record, context), revokedAt: context.now } : record;
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function defined<T extends object>(members: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<Defined<T>>;
}
