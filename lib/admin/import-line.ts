import { change } from "../lifecycle/change.ts";
import { revoke } from "../lifecycle/conditions.ts";
import type { ChangeContext } from "../lifecycle/context.ts";
import type { RecordKind, RecordMap } from "../records.ts";
import type { Store } from "../store.ts";
import { exported } from "./exported.ts";
import { parse, problemsText } from "./reader.ts";

/** What became of a line. Holds nothing that proves a caller. */
export interface ImportedRecord {
  readonly type?: RecordKind;
  readonly id?: string;
  /** What exists stays as it is, but for a revocation, which holds here too. */
  readonly result: "imported" | "exists" | "revoked" | "refused";
  /** Why the line is refused. */
  readonly detail?: string;
}

/** Takes one line of `exportLines` with digests. Rejects with a `StoreError`. */
export async function importLine(store: Store, text: string, context: ChangeContext): Promise<ImportedRecord> {
  const read = parse(exported, parsedJson(text));
  if (!read.ok) return { result: "refused", detail: problemsText(read.problems) };
  const { type, record } = read.value;
  const fresh = { ...record, updatedAt: context.now, updatedBy: context.actor, version: 1 };
  const result = await takeIn(store, type, fresh as RecordMap[typeof type], context);
  return { type, id: record.id, ...result };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function takeIn<K extends RecordKind>(
  store: Store,
  kind: K,
  record: RecordMap[K],
  context: ChangeContext,
): Promise<Pick<ImportedRecord, "result" | "detail">> {
  if (await store.put(kind, record)) return { result: "imported" };
  const stored = await store.get(kind, record.id);
  if (!stored) return { result: "refused", detail: "another key of the store has one of its tokens" };
  if (record.revokedAt === undefined || stored.revokedAt !== undefined) return { result: "exists" };
  await change(store, { kind, id: record.id, transition: (current) => revoke(current, context) });
  return { result: "revoked" };
}
