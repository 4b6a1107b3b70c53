import type { Body } from "../../lib/admin/bodies.ts";
import { parseHtpasswd } from "../../lib/admin/htpasswd.ts";
import { type UnlockTarget, unlockedName, unlockedTarget, unlockTarget } from "../../lib/admin/unlock.ts";
import { createUser } from "../../lib/lifecycle/users.ts";
import { publicKey, publicUser } from "../../lib/lifecycle/views.ts";
import type { RecordKind, RecordMap } from "../../lib/records.ts";
import type { Page, Store } from "../../lib/store.ts";
import { stateOf } from "./handles.ts";
import type { Reply } from "./reply.ts";
import { head, plain, type Route, type StoreCall, withBody } from "./route.ts";
import { onStore, onWritableStore, type Services } from "./services.ts";

const pageSize = 500;

/** The stores themselves, and what goes in and out of them as a whole. */
export function storeRoutes(services: Services): readonly Route[] {
  const { bodies, handles } = services;
  return [
    plain(head("GET /stores", "gatehouse.read"), async () => {
      const items = handles.all().map(async (handle) => {
        const { id, name, backend, prefix, masterKey } = handle;
        return { id, name, backend, prefix, canImportTokens: masterKey !== undefined, ...(await stateOf(handle)) };
      });
      return { status: 200, body: { items: await Promise.all(items) } };
    }),
    withBody(
      head("POST /stores/:store/import/htpasswd", "gatehouse"),
      bodies.htpasswd,
      onWritableStore(handles, (call) => importHtpasswd(services, call)),
    ),
    withBody(
      head("POST /stores/:store/unlock", "gatehouse.write"),
      unlockTarget,
      onStore(handles, (call) => unlock(services, call)),
    ),
    plain(
      head("GET /stores/:store/export", "gatehouse"),
      onStore(handles, (call) => exportAll(services, call)),
    ),
  ];
}

async function importHtpasswd({ audit }: Services, call: StoreCall<Body<"htpasswd">>): Promise<Reply> {
  const { text, ...conditions } = call.body;
  const lines = [];
  for (const { line, name, hash, problem } of parseHtpasswd(text)) {
    const named = { line, ...(name !== undefined && { name }) };
    if (name === undefined || hash === undefined) {
      lines.push({ ...named, result: "refused", detail: problem });
      continue;
    }
    const record = createUser({ name, ...conditions }, hash, call.context);
    const stored = await call.store.put("user", record);
    if (stored) audit({ event: "gatehouse.user.import", store: call.handle.id, id: record.id, version: 1 }, call);
    lines.push(stored ? { ...named, result: "imported" } : { ...named, result: "exists" });
  }
  const imported = lines.filter(({ result }) => result === "imported").length;
  return { status: 200, body: { imported, lines } };
}

function unlock({ audit }: Services, { handle, ...call }: StoreCall<UnlockTarget>): Reply {
  handle.throttle?.unlock(call.body);
  audit({ event: "gatehouse.unlock", store: handle.id, id: unlockedName(call.body) }, call);
  return { status: 200, body: { unlocked: unlockedTarget(call.body) } };
}

/** The first pages are read before the answer begins, so that a store that cannot answer is a 503. */
async function exportAll({ audit }: Services, call: StoreCall): Promise<Reply> {
  const { store, handle, context } = call;
  const keys = await page(store, "key");
  const users = await page(store, "user");
  audit({ event: "gatehouse.export", store: handle.id }, call);
  async function* lines() {
    for await (const key of following(store, "key", keys)) {
      yield `${JSON.stringify({ type: "key", ...publicKey(key, handle.prefix, context.now) })}\n`;
    }
    for await (const user of following(store, "user", users)) {
      yield `${JSON.stringify({ type: "user", ...publicUser(user, context.now) })}\n`;
    }
  }
  return { status: 200, lines: lines() };
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
