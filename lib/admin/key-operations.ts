import { revoke, setDisabled, updateRecord } from "../lifecycle/conditions.ts";
import type { ChangeContext } from "../lifecycle/context.ts";
import { createKey, endOverlap, importToken, rotateKey } from "../lifecycle/keys.ts";
import { publicKey } from "../lifecycle/views.ts";
import type { KeyRecord } from "../records.ts";
import { type Administration, changeStored, notThere, type Operation, putNew, reading } from "./outcome.ts";
import { listed, type Named, named, type Transition } from "./requests.ts";

/** An hour lets every instance of a caller take the new secret. */
const defaultOverlapSeconds = 3600;

/** What can be done with the keys of a store, by name. */
export function keyOperations(admin: Administration): ReadonlyMap<string, Operation> {
  const { store, prefix, masterKey, bodies } = admin;
  const view = (record: KeyRecord, { now }: ChangeContext) => publicKey(record, prefix, now);
  const transition = (apply: Transition<KeyRecord>, evenIfRevoked = false) =>
    reading(named(bodies.action), ({ id, body: { version } }, context) =>
      changeStored(
        store,
        { kind: "key", id, expectedVersion: version, evenIfRevoked, transition: (record) => apply(record, context) },
        (record) => view(record, context),
      ),
    );
  return new Map<string, Operation>([
    [
      "create",
      reading(bodies.newKey, (body, context) => {
        const { record, secret } = createKey(body, prefix, context);
        return putNew(
          store,
          "key",
          record,
          { ...view(record, context), secret },
          "The new key's id was taken; try again.",
        );
      }),
    ],
    [
      "import",
      reading(bodies.importedKey, ({ token, ...body }, context) => {
        const { record, warning } = importToken(token, body, masterKey, context);
        const value = { ...view(record, context), ...(warning && { warning }) };
        return putNew(store, "key", record, value, "Another key of this store has this token.");
      }),
    ],
    ["get", reading(named(bodies.action), async ({ id }, context) => get(admin, id, context))],
    ["list", listed(store, "key", view)],
    ["update", reading(named(bodies.changedKey), (request, context) => update(admin, request, context))],
    ["rotate", reading(named(bodies.rotation), (request, context) => rotate(admin, request, context))],
    ["end-overlap", transition(endOverlap)],
    ["disable", transition((record, context) => setDisabled(record, true, context))],
    ["enable", transition((record, context) => setDisabled(record, false, context))],
    ["revoke", transition(revoke, true)],
  ]);
}

async function get({ store, prefix }: Administration, id: string, { now }: ChangeContext) {
  const record = await store.get("key", id);
  if (!record) return notThere;
  return { done: true, value: publicKey(record, prefix, now) } as const;
}

type Bodies = Administration["bodies"];

function update({ store, prefix }: Administration, { id, body }: Named<Bodies["changedKey"]>, context: ChangeContext) {
  const { version, ...changes } = body;
  const transition = (record: KeyRecord) => updateRecord(record, changes, context);
  return changeStored(store, { kind: "key", id, expectedVersion: version, transition }, (record) =>
    publicKey(record, prefix, context.now),
  );
}

function rotate({ store, prefix }: Administration, { id, body }: Named<Bodies["rotation"]>, context: ChangeContext) {
  const overlapMs = (body.overlapSeconds ?? defaultOverlapSeconds) * 1000;
  let secret = "";
  const transition = (record: KeyRecord) => {
    const rotated = rotateKey(record, { overlapMs, prefix }, context);
    secret = rotated.secret;
    return rotated.record;
  };
  return changeStored(store, { kind: "key", id, expectedVersion: body.version, transition }, (record) => ({
    ...publicKey(record, prefix, context.now),
    secret,
  }));
}
