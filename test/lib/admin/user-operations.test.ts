import assert from "node:assert/strict";
import { setDisabled } from "../../../lib/lifecycle/conditions.ts";
import { bcryptHash, later, someUser } from "../lifecycle/records.ts";
import { administration } from "./administration.ts";

const password = "correct horse";

describe("operations on users", () => {
  const { store, hashed, operations, value, refusal, run } = administration();
  const create = (name: string, more: object = {}) => value("user", "create", { name, password, ...more });

  it("create a user with a hash of the password", async () => {
    const made = await create("kate", { scopes: ["read"] });
    assert.deepEqual([made.id, made.scopes, made.passwordKind], ["kate", ["read"], "bcrypt"]);
    assert.deepEqual(hashed, [password]);
    assert.equal((await store.get("user", "kate"))?.passwordHash, bcryptHash);
    assert.ok(!JSON.stringify(made).includes(bcryptHash));
  });

  it("take a name once, and hash nothing for a second one", async () => {
    await create("twice");
    const before = hashed.length;
    assert.match(await refusal("user", "create", { name: "twice", password }), /^409 The store has a user/);
    assert.equal(hashed.length, before);
  });

  it("take a name once when two are made at the same time", async () => {
    const both = await Promise.all(["one", "two"].map(() => run("user", "create", { name: "racing", password })));
    assert.deepEqual(both.map(({ done }) => done).sort(), [false, true]);
  });

  it("find a user by the name however it is composed", async () => {
    await create("Zoe\u0308");
    assert.equal((await value("user", "get", { id: "Zo\u00eb" })).id, "Zo\u00eb");
    assert.match(await refusal("user", "get", { id: "a:b" }), /^404/);
    assert.match(await refusal("user", "disable", { id: "a:b" }), /^404/);
    assert.match(await refusal("user", "get", { id: "nobody" }), /^404/);
  });

  it("set a password, judged with the name", async () => {
    await create("pat-miller");
    const changed = await value("user", "password", { id: "pat-miller", password: "another horse" }, later);
    assert.deepEqual([changed.version, changed.updatedBy], [2, "bob"]);
    assert.equal(hashed.at(-1), "another horse");
    assert.match(await refusal("user", "password", { id: "pat-miller", password: "pat-miller" }), /^422 .*the name/);
    assert.match(await refusal("user", "password", { id: "pat-miller", password: "short" }), /^422 password takes/);
    assert.match(await refusal("user", "password", { id: "a:b", password: "another horse" }), /^404/);
  });

  it("hash no password for a user who is not there, or is revoked", async () => {
    await create("gone");
    await value("user", "revoke", { id: "gone" });
    const before = hashed.length;
    assert.match(await refusal("user", "password", { id: "nobody", password: "another horse" }), /^404/);
    assert.match(await refusal("user", "password", { id: "gone", password: "another horse" }), /^409 It is revoked/);
    assert.equal(hashed.length, before);
  });

  it("change conditions, disable, enable and revoke", async () => {
    const { id } = await create("lee");
    assert.equal((await value("user", "update", { id, environment: "sandbox" })).environment, "sandbox");
    assert.equal((await value("user", "disable", { id, version: 2 })).state, "disabled");
    assert.match(await refusal("user", "enable", { id, version: 2 }), /^409 Somebody else/);
    assert.equal((await value("user", "enable", { id })).state, "active");
    assert.equal((await value("user", "revoke", { id })).state, "revoked");
    assert.equal((await value("user", "revoke", { id })).version, 5);
    assert.match(await refusal("user", "enable", { id }), /^409 It is revoked/);
    assert.match(await refusal("user", "create", { name: "lee", password }), /^409 .*revoked one keeps/);
  });

  it("list by name", async () => {
    const { items } = await value("user", "list", { search: "kat" });
    assert.deepEqual(
      (items as { id: string }[]).map(({ id }) => id),
      ["kate"],
    );
  });

  it("have no other names", () => {
    for (const name of ["rotate", "import", "end-overlap", "constructor"]) {
      assert.equal(operations.user.get(name), undefined);
    }
  });

  it("give up after many lost races, and lose no change", async () => {
    const own = administration();
    await own.store.put("user", someUser());
    own.store.beforePut = () => {
      const beforePut = own.store.beforePut;
      own.store.beforePut = () => {};
      const stored = own.store.get("user", "kate") as ReturnType<typeof someUser>;
      void own.store.put("user", setDisabled(stored, !stored.disabled, later));
      own.store.beforePut = beforePut;
    };
    assert.match(await own.refusal("user", "update", { id: "kate", scopes: ["read"] }), /^409 Somebody else/);
  });
});
