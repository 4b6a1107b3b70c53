import { publicKey, publicUser } from "../lifecycle/views.ts";
import type { KeyRecord, RecordKind, RecordMap, UserRecord } from "../records.ts";
import type { Page, Store } from "../store.ts";

export interface ExportOptions {
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What proves callers, for another store: as good to keep as the store itself. */
  readonly withDigests?: boolean;
}

const pageSize = 500;

/**
 * All keys, then all users, as JSON lines. The first pages are read before this resolves, so that a store that cannot
 * answer is known by then. Rejects with a `StoreError`.
 */
export async function exportLines(store: Store, options: ExportOptions): Promise<AsyncIterable<string>> {
  const keys = await page(store, "key");
  const users = await page(store, "user");
  async function* lines() {
    for await (const key of following(store, "key", keys)) yield `${JSON.stringify(keyLine(key, options))}\n`;
    for await (const user of following(store, "user", users)) yield `${JSON.stringify(userLine(user, options))}\n`;
  }
  return lines();
}

function keyLine(record: KeyRecord, { prefix, now, withDigests = false }: ExportOptions): object {
  const shown = publicKey(record, prefix, now);
  if (!withDigests) return { type: "key", ...shown };
  const credentials = shown.credentials.map((credential, index) => {
    const { digest, lastFour } = record.secrets[index] as KeyRecord["secrets"][number];
    return { ...credential, digest, lastFour };
  });
  return { type: "key", ...shown, credentials };
}

function userLine(record: UserRecord, { now, withDigests = false }: ExportOptions): object {
  const shown = { type: "user", ...publicUser(record, now) };
  return withDigests ? { ...shown, passwordHash: record.passwordHash } : shown;
}

function page<K extends RecordKind>(store: Store, kind: K, after?: string): Promise<Page<RecordMap[K]>> {
  return store.list(kind, { limit: pageSize, ...(after !== undefined && { after }) });
}

async function* following<K extends RecordKind>(store: Store, kind: K, first: Page<RecordMap[K]>) {
  let current = first;
  yield* current.items;
  while (current.next !== undefined) {
    current = await page(store, kind, current.next);
    yield* current.items;
  }
}
