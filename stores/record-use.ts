import type { KeyRecord, KeySecret, RecordKind, RecordMap } from "../lib/records.ts";
import { parseRecord, recordText } from "./record-shape.ts";

/** What is known of the last use of a record and its secrets. */
export interface LastUse {
  readonly at: number | undefined;
  readonly from: string | undefined;
  readonly secrets: readonly { readonly digest: string; readonly at: number | undefined }[];
}

/** What a record says of its last use. */
export function lastUseOf(record: RecordMap[RecordKind]): LastUse {
  const secrets = "secrets" in record ? record.secrets : [];
  return {
    at: record.lastUsedAt,
    from: record.lastUsedFrom,
    secrets: secrets.map(({ digest, lastUsedAt }) => ({ digest, at: lastUsedAt })),
  };
}

/** The same of a record's text; nothing of one that is damaged. */
export function lastUseIn(kind: RecordKind, id: string, text: string): LastUse {
  try {
    return lastUseOf(parseRecord(kind, id, text));
  } catch {
    return { at: undefined, from: undefined, secrets: [] };
  }
}

/**
 * The text of a record that says what is known of its last use; undefined when it says so already, or when there is no
 * room in it to say more.
 */
export function usedText<K extends RecordKind>(kind: K, record: RecordMap[K], use: LastUse): string | undefined {
  const used = withLaterUse<K>(record, use);
  if (used === record) return undefined;
  try {
    return recordText(kind, used);
  } catch {
    return undefined;
  }
}

/** The same for the text of a record. What is damaged is let be: `get` says that it is. */
export function usedTextOf(kind: RecordKind, id: string, text: string, use: LastUse): string | undefined {
  try {
    return usedText(kind, parseRecord(kind, id, text), use);
  } catch {
    return undefined;
  }
}

function withLaterUse<K extends RecordKind>(record: RecordMap[K], use: LastUse): RecordMap[K] {
  const isLater = (use.at ?? 0) > (record.lastUsedAt ?? 0);
  const used = isLater ? { ...record, lastUsedAt: use.at, ...(use.from && { lastUsedFrom: use.from }) } : record;
  return ("secrets" in used ? withLaterSecrets(used as KeyRecord, use) : used) as RecordMap[K];
}

function withLaterSecrets(key: KeyRecord, { secrets: uses }: LastUse): KeyRecord {
  const laterAt = ({ digest, lastUsedAt = 0 }: KeySecret) =>
    uses.find((use) => use.digest === digest && (use.at ?? 0) > lastUsedAt)?.at;
  if (!key.secrets.some(laterAt)) return key;
  const secrets = key.secrets.map((secret) => {
    const lastUsedAt = laterAt(secret);
    return lastUsedAt === undefined ? secret : { ...secret, lastUsedAt };
  });
  return { ...key, secrets };
}
