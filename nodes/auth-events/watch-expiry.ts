import { setTimeout as delay } from "node:timers/promises";
import type { NodeAPI } from "node-red";
import type { AuditEvent } from "../../lib/audit/event.ts";
import { expiryReminder } from "../../lib/audit/expiry.ts";
import type { KeyRecord, RecordKind, UserRecord } from "../../lib/records.ts";
import type { Store } from "../../lib/store.ts";
import type { KeyStoreNode } from "../shared/config-nodes.ts";
import type { AuthEventsConfig } from "./config.ts";

const FIRST_MS = 1000;
const HOUR_MS = 3_600_000;
const PAGE = 500;
/** Between pages, so that a large store is read without a hurry. */
const PAUSE_MS = 50;

/** Looks once an hour for keys and users that expire soon. Returns the function that ends it. */
export function watchExpiry(
  RED: NodeAPI,
  { expiryDays, store }: Pick<AuthEventsConfig, "expiryDays" | "store">,
  emit: (event: AuditEvent) => void,
  onFault: (error: Error) => void,
): () => void {
  const remind = expiryReminder(expiryDays);
  const ending = new AbortController();

  async function look(): Promise<void> {
    for await (const { kind, record, storeId } of recordsOf(RED, store)) {
      if (ending.signal.aborted) return;
      const event = remind(kind, record, storeId, Date.now());
      if (event) emit(event);
    }
  }

  async function keepLooking(): Promise<void> {
    await delay(FIRST_MS, undefined, { ref: false, signal: ending.signal });
    for (;;) {
      await look().catch(onFault);
      await delay(HOUR_MS, undefined, { ref: false, signal: ending.signal });
    }
  }

  // It ends in no other way than by being aborted.
  keepLooking().catch(() => undefined);
  return () => ending.abort();
}

interface Recorded {
  readonly storeId: string;
  readonly kind: RecordKind;
  readonly record: KeyRecord | UserRecord;
}

async function* recordsOf(RED: NodeAPI, chosen: string): AsyncGenerator<Recorded> {
  for (const [storeId, store] of storesOf(RED, chosen)) {
    for (const kind of ["key", "user"] as const) {
      for await (const record of listed(store, kind)) yield { storeId, kind, record };
    }
  }
}

async function* listed(store: Store, kind: RecordKind): AsyncGenerator<KeyRecord | UserRecord> {
  let page = await store.list(kind, { limit: PAGE });
  yield* page.items;
  while (page.next !== undefined) {
    await delay(PAUSE_MS, undefined, { ref: false });
    page = await store.list(kind, { limit: PAGE, after: page.next });
    yield* page.items;
  }
}

function storesOf(RED: NodeAPI, chosen: string): readonly (readonly [id: string, store: Store])[] {
  const ids: string[] = [];
  RED.nodes.eachNode(({ id, type }) => {
    if (type === "key-store-config" && (chosen === "" || chosen === id)) ids.push(id);
  });
  return ids.flatMap((id) => {
    const store = (RED.nodes.getNode(id) as KeyStoreNode | null)?.handle.store;
    return store ? [[id, store] as const] : [];
  });
}
