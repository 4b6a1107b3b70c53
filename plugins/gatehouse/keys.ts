import { listQuery } from "../../lib/admin/query.ts";
import { parse } from "../../lib/admin/reader.ts";
import { revoke, setDisabled, updateRecord } from "../../lib/lifecycle/conditions.ts";
import { createKey, endOverlap, importToken, type KeyInput, rotateKey } from "../../lib/lifecycle/keys.ts";
import { publicKey } from "../../lib/lifecycle/views.ts";
import type { KeyRecord } from "../../lib/records.ts";
import { invalid, problem, type Reply, recordReply } from "./reply.ts";
import { head, plain, type Route, type StoreCall, withBody } from "./route.ts";
import { changeRecord, notThere, onStore, onWritableStore, type Services } from "./services.ts";

const base = "/stores/:store/keys";
/** An hour lets every instance of a caller take the new secret. */
const defaultOverlapSeconds = 3600;
const keyId = /^[A-Za-z0-9]{1,32}$/;

type Versioned = StoreCall<{ readonly version?: number | undefined } | undefined>;

/** Keys of a store. */
export function keyRoutes(services: Services): readonly Route[] {
  const { bodies, handles } = services;
  const change = changer(services);
  const transitions = {
    disable: (record, { context }) => setDisabled(record, true, context),
    enable: (record, { context }) => setDisabled(record, false, context),
    revoke: (record, { context }) => revoke(record, context),
    "end-overlap": (record, { context }) => endOverlap(record, context),
  } satisfies Record<string, Transition>;
  return [
    plain(head(`GET ${base}`, "gatehouse.read"), onStore(handles, listKeys)),
    withBody(head(`POST ${base}`, "gatehouse.write"), bodies.newKey, onWritableStore(handles, creator(services))),
    withBody(
      head(`POST ${base}/import`, "gatehouse"),
      bodies.importedKey,
      onWritableStore(handles, importer(services)),
    ),
    plain(head(`GET ${base}/:id`, "gatehouse.read"), onStore(handles, getKey)),
    plain(
      head(`DELETE ${base}/:id`, "gatehouse.write"),
      onWritableStore(handles, (call) => change(call, "revoke", transitions.revoke)),
    ),
    withBody(
      head(`PATCH ${base}/:id`, "gatehouse.write"),
      bodies.changedKey,
      onWritableStore(handles, (call) => {
        const { version: _, ...changes } = call.body;
        return change(call, "update", (record, { context }) => updateRecord(record, changes, context));
      }),
    ),
    withBody(
      head(`POST ${base}/:id/rotate`, "gatehouse.write"),
      bodies.rotation,
      onWritableStore(handles, (call) => rotation(services, call)),
    ),
    ...Object.entries(transitions).map(([action, transition]) =>
      withBody(
        head(`POST ${base}/:id/${action}`, "gatehouse.write"),
        bodies.action,
        onWritableStore(handles, (call) => change(call, action, transition)),
      ),
    ),
  ];
}

type Transition = (record: KeyRecord, call: Versioned) => KeyRecord;

function changer(services: Services) {
  return (call: Versioned, action: string, transition: Transition): Promise<Reply> | Reply => {
    const id = call.param("id");
    if (!keyId.test(id)) return notThere;
    return changeRecord(services, call, {
      kind: "key",
      id,
      event: `gatehouse.key.${action}`,
      transition: (record) => transition(record, call),
      evenIfRevoked: action === "revoke",
      view: (record) => recordReply(200, view(record, call)),
    });
  };
}

function view(record: KeyRecord, { handle, context }: StoreCall<unknown>) {
  return publicKey(record, handle.prefix, context.now);
}

async function listKeys(call: StoreCall): Promise<Reply> {
  const query = parse(listQuery, call.query);
  if (!query.ok) return invalid(query.problems);
  const { items, next } = await call.store.list("key", query.value);
  return { status: 200, body: { items: items.map((record) => view(record, call)), ...(next && { next }) } };
}

async function getKey(call: StoreCall): Promise<Reply> {
  const id = call.param("id");
  const record = keyId.test(id) ? await call.store.get("key", id) : undefined;
  return record ? recordReply(200, view(record, call)) : notThere;
}

function creator(services: Services) {
  return async (call: StoreCall<KeyInput>): Promise<Reply> => {
    const { record, secret } = createKey(call.body, call.handle.prefix, call.context);
    if (!(await call.store.put("key", record))) return problem(409, "The new key's id was taken; try again.");
    auditNew(services, call, "create", record);
    return recordReply(201, { ...view(record, call), secret });
  };
}

function importer(services: Services) {
  return async (call: StoreCall<KeyInput & { readonly token: string }>): Promise<Reply> => {
    const { token, ...input } = call.body;
    const { record, warning } = importToken(token, input, call.handle.masterKey, call.context);
    if (!(await call.store.put("key", record))) return problem(409, "Another key of this store has this token.");
    auditNew(services, call, "import", record);
    return recordReply(201, { ...view(record, call), ...(warning && { warning }) });
  };
}

/** What was stored, not what was sent: parsers differ in what they make of a member that is there twice. */
function auditNew(services: Services, call: StoreCall<unknown>, action: string, record: KeyRecord): void {
  const { id, version, name, environment, scopes } = record;
  const event = `gatehouse.key.${action}`;
  services.audit({ event, store: call.handle.id, id, version, name, environment, scopes }, call);
}

async function rotation(
  services: Services,
  call: StoreCall<{ readonly overlapSeconds?: number | undefined; readonly version?: number | undefined }>,
): Promise<Reply> {
  const id = call.param("id");
  if (!keyId.test(id)) return notThere;
  const overlapMs = (call.body.overlapSeconds ?? defaultOverlapSeconds) * 1000;
  let secret = "";
  return changeRecord(services, call, {
    kind: "key",
    id,
    event: "gatehouse.key.rotate",
    transition(record) {
      const rotated = rotateKey(record, { overlapMs, prefix: call.handle.prefix }, call.context);
      secret = rotated.secret;
      return rotated.record;
    },
    view: (record) => recordReply(201, { ...view(record, call), secret }),
  });
}
