import type { Body } from "../../lib/admin/bodies.ts";
import { exportLines } from "../../lib/admin/export-lines.ts";
import { importHtpasswd } from "../../lib/admin/import-htpasswd.ts";
import { type UnlockTarget, unlockedName, unlockedTarget, unlockTarget } from "../../lib/admin/unlock.ts";
import { stateOf } from "./handles.ts";
import type { Reply } from "./reply.ts";
import { head, plain, type Route, type StoreCall, withBody } from "./route.ts";
import { onStore, onWritableStore, type Services } from "./services.ts";

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
      onWritableStore(handles, (call) => importUsers(services, call)),
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

async function importUsers({ audit }: Services, call: StoreCall<Body<"htpasswd">>): Promise<Reply> {
  const { text, ...conditions } = call.body;
  const lines: object[] = [];
  let imported = 0;
  for await (const { id, ...line } of importHtpasswd(call.store, text, conditions, call.context)) {
    lines.push(line);
    if (id === undefined) continue;
    imported++;
    audit({ event: "gatehouse.user.import", store: call.handle.id, id, version: 1 }, call);
  }
  return { status: 200, body: { imported, lines } };
}

function unlock({ audit }: Services, { handle, ...call }: StoreCall<UnlockTarget>): Reply {
  handle.throttle?.unlock(call.body);
  audit({ event: "gatehouse.unlock", store: handle.id, id: unlockedName(call.body) }, call);
  return { status: 200, body: { unlocked: unlockedTarget(call.body) } };
}

async function exportAll({ audit }: Services, call: StoreCall): Promise<Reply> {
  const { store, handle, context } = call;
  const lines = await exportLines(store, { prefix: handle.prefix, now: context.now });
  audit({ event: "gatehouse.export", store: handle.id }, call);
  return { status: 200, lines };
}
