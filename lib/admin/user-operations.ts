import { revoke, setDisabled, updateRecord } from "../lifecycle/conditions.ts";
import type { ChangeContext } from "../lifecycle/context.ts";
import { createUser, setPassword } from "../lifecycle/users.ts";
import { publicUser } from "../lifecycle/views.ts";
import { normaliseUserName } from "../names.ts";
import type { UserRecord } from "../records.ts";
import { passwordFor } from "./bodies.ts";
import {
  type Administration,
  changeStored,
  isRevoked,
  notThere,
  type Operation,
  type Outcome,
  putNew,
  reading,
  refused,
} from "./outcome.ts";
import { parse } from "./reader.ts";
import { listed, type Named, named, type Transition } from "./requests.ts";

const taken = "The store has a user of this name; a revoked one keeps it.";

/** What can be done with the users of a store, by name. A user's id is the name. */
export function userOperations(admin: Administration): ReadonlyMap<string, Operation> {
  const { store, bodies, hashPassword } = admin;
  const view = (record: UserRecord, { now }: ChangeContext) => publicUser(record, now);
  const transition = (apply: Transition<UserRecord>, evenIfRevoked = false) =>
    reading(named(bodies.action), ({ id, body: { version } }, context) =>
      changeUser(admin, id, version, (record) => apply(record, context), context, evenIfRevoked),
    );
  return new Map<string, Operation>([
    [
      "create",
      reading(bodies.newUser, async ({ password, ...body }, context) => {
        const id = normaliseUserName(body.name);
        if (id !== undefined && (await store.get("user", id))) return refused(409, taken);
        const record = createUser(body, await hashPassword(password), context);
        return putNew(store, "user", record, view(record, context), taken);
      }),
    ],
    ["get", reading(named(bodies.action), ({ id }, context) => get(admin, id, context))],
    ["list", listed(store, "user", view)],
    [
      "update",
      reading(named(bodies.changedUser), ({ id, body: { version, ...changes } }, context) =>
        changeUser(admin, id, version, (record) => updateRecord(record, changes, context), context),
      ),
    ],
    ["password", reading(named(bodies.newPassword), (request, context) => password(admin, request, context))],
    ["disable", transition((record, context) => setDisabled(record, true, context))],
    ["enable", transition((record, context) => setDisabled(record, false, context))],
    ["revoke", transition(revoke, true)],
  ]);
}

async function get({ store }: Administration, name: string, { now }: ChangeContext): Promise<Outcome> {
  const id = normaliseUserName(name);
  const record = id === undefined ? undefined : await store.get("user", id);
  return record ? { done: true, value: publicUser(record, now) } : notThere;
}

function changeUser(
  { store }: Administration,
  name: string,
  expectedVersion: number | undefined,
  transition: (record: UserRecord) => UserRecord,
  { now }: ChangeContext,
  evenIfRevoked = false,
): Promise<Outcome> {
  const id = normaliseUserName(name) ?? "";
  return changeStored(store, { kind: "user", id, expectedVersion, evenIfRevoked, transition }, (record) =>
    publicUser(record, now),
  );
}

async function password(
  admin: Administration,
  { id, body }: Named<Administration["bodies"]["newPassword"]>,
  context: ChangeContext,
): Promise<Outcome> {
  const name = normaliseUserName(id);
  const record = name === undefined ? undefined : await admin.store.get("user", name);
  if (!record) return notThere;
  // Hashing is dear: not for a record that cannot be changed.
  if (record.revokedAt !== undefined) return isRevoked;
  const judged = parse(passwordFor(record.id), body.password);
  if (!judged.ok) return refused(422, `password ${judged.problems.map(({ detail }) => detail).join("; ")}`);
  const hash = await admin.hashPassword(judged.value);
  return changeUser(admin, id, body.version, (record) => setPassword(record, hash, context), context);
}
