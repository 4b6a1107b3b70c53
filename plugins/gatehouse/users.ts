import { passwordFor } from "../../lib/admin/bodies.ts";
import { listQuery } from "../../lib/admin/query.ts";
import { parse } from "../../lib/admin/reader.ts";
import { revoke, setDisabled, updateRecord } from "../../lib/lifecycle/conditions.ts";
import { createUser, setPassword, type UserInput } from "../../lib/lifecycle/users.ts";
import { publicUser } from "../../lib/lifecycle/views.ts";
import { normaliseUserName } from "../../lib/names.ts";
import type { UserRecord } from "../../lib/records.ts";
import { invalid, problem, type Reply, recordReply } from "./reply.ts";
import { type Call, head, plain, type Route, type StoreCall, withBody } from "./route.ts";
import { changeRecord, notThere, onStore, onWritableStore, type Services } from "./services.ts";

const base = "/stores/:store/users";

type Versioned = StoreCall<{ readonly version?: number | undefined } | undefined>;
type Transition = (record: UserRecord, call: Versioned) => UserRecord;

/** Users of a store. */
export function userRoutes(services: Services): readonly Route[] {
  const { bodies, handles } = services;
  const change = changer(services);
  const transitions = {
    disable: (record, { context }) => setDisabled(record, true, context),
    enable: (record, { context }) => setDisabled(record, false, context),
    revoke: (record, { context }) => revoke(record, context),
  } satisfies Record<string, Transition>;
  return [
    plain(head(`GET ${base}`, "gatehouse.read"), onStore(handles, listUsers)),
    withBody(head(`POST ${base}`, "gatehouse.write"), bodies.newUser, onWritableStore(handles, creator(services))),
    plain(head(`GET ${base}/:name`, "gatehouse.read"), onStore(handles, getUser)),
    plain(
      head(`DELETE ${base}/:name`, "gatehouse.write"),
      onWritableStore(handles, (call) => change(call, "revoke", transitions.revoke)),
    ),
    withBody(
      head(`PATCH ${base}/:name`, "gatehouse.write"),
      bodies.changedUser,
      onWritableStore(handles, (call) => {
        const { version: _, ...changes } = call.body;
        return change(call, "update", (record, { context }) => updateRecord(record, changes, context));
      }),
    ),
    withBody(
      head(`PUT ${base}/:name/password`, "gatehouse.write"),
      bodies.newPassword,
      onWritableStore(handles, passwordSetter(services, change)),
    ),
    ...Object.entries(transitions).map(([action, transition]) =>
      withBody(
        head(`POST ${base}/:name/${action}`, "gatehouse.write"),
        bodies.action,
        onWritableStore(handles, (call) => change(call, action, transition)),
      ),
    ),
  ];
}

type Change = ReturnType<typeof changer>;

function changer(services: Services) {
  return (call: Versioned, action: string, transition: Transition): Promise<Reply> | Reply => {
    const id = idOf(call);
    if (id === undefined) return notThere;
    return changeRecord(services, call, {
      kind: "user",
      id,
      event: `gatehouse.user.${action}`,
      transition: (record) => transition(record, call),
      evenIfRevoked: action === "revoke",
      view: (record) => recordReply(200, publicUser(record, call.context.now)),
    });
  };
}

function idOf(call: Call<unknown>): string | undefined {
  return normaliseUserName(call.param("name"));
}

async function listUsers(call: StoreCall): Promise<Reply> {
  const query = parse(listQuery, call.query);
  if (!query.ok) return invalid(query.problems);
  const { items, next } = await call.store.list("user", query.value);
  const views = items.map((record) => publicUser(record, call.context.now));
  return { status: 200, body: { items: views, ...(next && { next }) } };
}

async function getUser(call: StoreCall): Promise<Reply> {
  const id = idOf(call);
  const record = id === undefined ? undefined : await call.store.get("user", id);
  return record ? recordReply(200, publicUser(record, call.context.now)) : notThere;
}

function creator({ hashPassword, audit }: Services) {
  return async (call: StoreCall<UserInput & { readonly password: string }>): Promise<Reply> => {
    const { password, ...input } = call.body;
    const taken = problem(409, "The store has a user of this name; a revoked one keeps it.");
    const id = normaliseUserName(input.name);
    if (id !== undefined && (await call.store.get("user", id))) return taken;
    const record = createUser(input, await hashPassword(password), call.context);
    if (!(await call.store.put("user", record))) return taken;
    const { version, environment, scopes } = record;
    audit({ event: "gatehouse.user.create", store: call.handle.id, id: record.id, version, environment, scopes }, call);
    return recordReply(201, publicUser(record, call.context.now));
  };
}

function passwordSetter({ hashPassword }: Services, change: Change) {
  return async (
    call: StoreCall<{ readonly password: string; readonly version?: number | undefined }>,
  ): Promise<Reply> => {
    const id = idOf(call);
    if (id === undefined || !(await call.store.get("user", id))) return notThere;
    const password = parse(passwordFor(id), call.body.password);
    if (!password.ok) return invalid(password.problems.map(({ detail }) => ({ pointer: "/password", detail })));
    const hash = await hashPassword(password.value);
    return change(call, "password", (record, { context }) => setPassword(record, hash, context));
  };
}
