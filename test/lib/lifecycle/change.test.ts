import assert from "node:assert/strict";
import { change } from "../../../lib/lifecycle/change.ts";
import { revoke, setDisabled, updateRecord } from "../../../lib/lifecycle/conditions.ts";
import type { KeyRecord } from "../../../lib/records.ts";
import { memoryStore } from "../../harness/memory-store.ts";
import { later, someKey } from "./records.ts";

const rename = (name: string) => (record: KeyRecord) => updateRecord(record, { name }, later);

async function storeWithKey() {
  const store = memoryStore();
  const key = someKey();
  await store.put("key", key);
  return { store, key, request: { kind: "key", id: key.id } as const };
}

describe("change", () => {
  it("stores what the transition gives", async () => {
    const { store, key, request } = await storeWithKey();
    const changed = await change(store, { ...request, transition: rename("b"), expectedVersion: 1 });
    assert.equal(changed.outcome, "changed");
    assert.deepEqual("record" in changed && changed.record, await store.get("key", key.id));
    assert.equal((await store.get("key", key.id))?.name, "b");
  });

  it("applies the transition to what another writer stored meanwhile", async () => {
    const { store, key, request } = await storeWithKey();
    store.beforePut = () => {
      store.beforePut = () => {};
      void store.put("key", setDisabled(key, true, later));
    };
    assert.equal((await change(store, { ...request, transition: rename("b") })).outcome, "changed");
    const stored = await store.get("key", key.id);
    assert.deepEqual([stored?.name, stored?.disabled, stored?.version], ["b", true, 3]);
  });

  it("is a conflict when the caller saw another version, before or while it writes", async () => {
    const { store, key, request } = await storeWithKey();
    const transition = rename("late");
    assert.deepEqual(await change(store, { ...request, transition, expectedVersion: 2 }), { outcome: "conflict" });
    store.beforePut = () => {
      store.beforePut = () => {};
      void store.put("key", setDisabled(key, true, later));
    };
    assert.deepEqual(await change(store, { ...request, transition, expectedVersion: 1 }), { outcome: "conflict" });
    assert.equal((await store.get("key", key.id))?.name, "a key");
  });

  it("gives up when others are always first", async () => {
    const { store, request } = await storeWithKey();
    let tries = 0;
    store.put = async () => {
      tries++;
      return false;
    };
    assert.deepEqual(await change(store, { ...request, transition: rename("b") }), { outcome: "conflict" });
    assert.ok(tries > 50 && tries < 1000);
  });

  it("loses no change of fifty writers", async () => {
    const { store, key, request } = await storeWithKey();
    const add = (tag: number) => (record: KeyRecord) =>
      updateRecord(record, { scopes: [...record.scopes, String(tag)] }, later);
    const writers = Array.from({ length: 50 }, (_, tag) => change(store, { ...request, transition: add(tag) }));
    assert.ok((await Promise.all(writers)).every(({ outcome }) => outcome === "changed"));
    assert.equal(new Set((await store.get("key", key.id))?.scopes).size, 50);
  });

  it("tells what is not there, what stays as it is, and what is revoked", async () => {
    const { store, key, request } = await storeWithKey();
    const none = await change(store, { ...request, id: "other", transition: rename("b") });
    assert.deepEqual(none, { outcome: "missing" });
    assert.equal((await change(store, { ...request, transition: (record) => record })).outcome, "unchanged");
    const revoking = { ...request, evenIfRevoked: true, transition: (record: KeyRecord) => revoke(record, later) };
    assert.equal((await change(store, revoking)).outcome, "changed");
    assert.equal((await change(store, revoking)).outcome, "unchanged");
    for (const transition of [rename("b"), (record: KeyRecord) => record]) {
      assert.deepEqual(await change(store, { ...request, transition }), { outcome: "revoked" });
    }
    assert.equal((await store.get("key", key.id))?.version, 2);
  });
});
