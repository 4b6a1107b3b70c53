import assert from "node:assert/strict";
import { digestApiKey, parseApiKey } from "../../../lib/secrets/api-key.ts";
import { context, later } from "../lifecycle/records.ts";
import { administration } from "./administration.ts";

describe("operations on keys", () => {
  const { store, operations, run, value, refusal } = administration();
  const create = (more: object = {}) => value("key", "create", { name: "a key", ...more });

  it("create a key, with its secret in the answer only", async () => {
    const made = await create({ scopes: ["read"], expiresAt: "2031-01-01T00:00:00Z" });
    const secret = String(made.secret);
    assert.equal(parseApiKey(secret, "gh")?.id, made.id);
    const stored = await store.get("key", made.id);
    assert.equal(stored?.secrets[0]?.digest, digestApiKey(secret));
    assert.deepEqual([stored?.scopes, stored?.createdBy, stored?.createdAt], [["read"], "alice", context.now]);
    assert.ok(!JSON.stringify(await value("key", "get", { id: made.id })).includes(secret));
  });

  it("tell what was changed, for the audit trail", async () => {
    const made = await run("key", "create", { name: "a key" });
    assert.ok(made.done);
    const { id } = made.value as { id: string };
    assert.deepEqual(made.changed, { id, version: 1 });
    const disabled = await run("key", "disable", { id });
    assert.deepEqual(disabled.done && disabled.changed, { id, version: 2 });
    const again = await run("key", "disable", { id });
    assert.ok(again.done && again.changed === undefined);
    const read = await run("key", "get", { id });
    assert.ok(read.done && read.changed === undefined);
  });

  it("rotate for an hour unless the request says otherwise", async () => {
    const made = await create();
    const rotated = await value("key", "rotate", { id: made.id }, later);
    assert.notEqual(rotated.secret, made.secret);
    const ends = (await store.get("key", made.id))?.secrets[1]?.expiresAt;
    assert.equal(ends, later.now + 3_600_000);
    await value("key", "rotate", { id: made.id, overlapSeconds: 0 }, later);
    assert.equal((await store.get("key", made.id))?.secrets.length, 1);
  });

  it("end an overlap, disable and enable", async () => {
    const { id } = await create();
    await value("key", "rotate", { id });
    assert.equal(((await value("key", "end-overlap", { id })).credentials as []).length, 1);
    assert.equal((await value("key", "disable", { id })).state, "disabled");
    assert.equal((await value("key", "enable", { id })).state, "active");
  });

  it("revoke for good", async () => {
    const { id } = await create();
    const first = await value("key", "revoke", { id });
    assert.equal(first.state, "revoked");
    assert.deepEqual(await value("key", "revoke", { id }, later), first);
    for (const operation of ["rotate", "end-overlap", "disable", "enable", "update"]) {
      assert.match(await refusal("key", operation, { id }), /^409 It is revoked/, operation);
    }
  });

  it("change conditions, and none of a version that is no longer there", async () => {
    const { id } = await create({ limit: { requests: 1, windowSeconds: 1 } });
    const changed = await value("key", "update", { id, version: 1, name: "b", limit: null });
    assert.deepEqual([changed.name, changed.limit, changed.version], ["b", undefined, 2]);
    assert.match(await refusal("key", "update", { id, version: 1, name: "late" }), /^409 Somebody else/);
    assert.match(await refusal("key", "update", { id, environment: "sandbox" }), /^422 environment is not known/);
  });

  it("import a token once, and say when it can be guessed", async () => {
    const imported = await value("key", "import", { name: "old", token: "abc123" });
    assert.match(String(imported.warning), /short/);
    assert.equal(imported.imported, true);
    assert.match(await refusal("key", "import", { name: "twice", token: "abc123" }), /^409 Another key/);
    const strong = await value("key", "import", { name: "strong", token: "x7Qk29fLmZp04TrYbV81sW" });
    assert.ok(!("warning" in strong));
  });

  it("list in pages", async () => {
    for (const name of ["page 1", "page 2", "page 3"]) await create({ name });
    const first = await value("key", "list", { search: "PAGE", limit: 2 });
    assert.equal((first.items as []).length, 2);
    const rest = await value("key", "list", { search: "PAGE", limit: 2, after: first.next });
    assert.equal((rest.items as []).length, 1);
    assert.ok(!("next" in rest));
    assert.ok(((await value("key", "list", {})).items as []).length > 3);
  });

  it("name the members at fault", async () => {
    const outcome = await run("key", "create", { name: "", secret: "mine" });
    assert.ok(!outcome.done && outcome.status === 422);
    assert.deepEqual(outcome.problems?.map(({ pointer }) => pointer).sort(), ["/name", "/secret"]);
    for (const request of [undefined, null, [], "x"]) {
      assert.match(await refusal("key", "get", request), /^422 the request must be an object/);
    }
  });

  it("know no key by an id that is none", async () => {
    assert.match(await refusal("key", "get", { id: "nobody" }), /^404/);
    assert.match(await refusal("key", "rotate", { id: "nobody" }), /^404/);
    for (const id of ["", "x".repeat(256)]) assert.match(await refusal("key", "get", { id }), /^422 id takes/);
    for (const id of [undefined, 5, {}, ["a"]]) assert.match(await refusal("key", "revoke", { id }), /^422 id /);
  });

  it("say that a new key's id was taken, and overwrite nothing", async () => {
    const { id } = await create();
    store.put = async () => false;
    assert.match(await refusal("key", "create", { name: "b" }), /^409 The new key's id was taken/);
    assert.equal((await store.get("key", id))?.name, "a key");
  });

  it("have no other names", () => {
    for (const name of ["password", "constructor", "__proto__", ""]) assert.equal(operations.key.get(name), undefined);
  });
});
