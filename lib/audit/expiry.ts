import type { KeyRecord, RecordKind, UserRecord } from "../records.ts";
import type { AuditEvent } from "./event.ts";
import { escapeText } from "./text.ts";

const dayMs = 86_400_000;

/** Says once of each key or user that it will expire soon, and again when its date was changed. */
export function expiryReminder(days: number, remembered = 100_000) {
  const told = new Map<string, number>();
  return (kind: RecordKind, record: KeyRecord | UserRecord, store: string, now: number): AuditEvent | undefined => {
    const { expiresAt, revokedAt, disabled } = record;
    if (expiresAt === undefined || revokedAt !== undefined || disabled) return undefined;
    if (expiresAt <= now || expiresAt > now + days * dayMs) return undefined;
    const name = `${store} ${kind} ${record.id}`;
    if (told.get(name) === expiresAt) return undefined;
    if (told.size >= remembered) told.delete(told.keys().next().value as string);
    told.set(name, expiresAt);
    return {
      time: new Date(now).toISOString(),
      event: `${kind}.expiring`,
      result: "due",
      store,
      objectKind: kind,
      object: escapeText(record.id),
      objectName: escapeText(record.name),
      expiresAt: new Date(expiresAt).toISOString(),
      daysLeft: Math.floor((expiresAt - now) / dayMs),
    };
  };
}
