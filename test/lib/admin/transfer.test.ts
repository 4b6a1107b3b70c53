import assert from "node:assert/strict";
import { exportLines } from "../../../lib/admin/export-lines.ts";
import { importHtpasswd } from "../../../lib/admin/import-htpasswd.ts";
import { importLine } from "../../../lib/admin/import-line.ts";
import { revoke, setDisabled } from "../../../lib/lifecycle/conditions.ts";
import { createKey, importToken, rotateKey } from "../../../lib/lifecycle/keys.ts";
import { createUser } from "../../../lib/lifecycle/users.ts";
import type { KeyRecord } from "../../../lib/records.ts";
import { memoryStore } from "../../harness/memory-store.ts";
import { bcryptHash, context, later, masterKey } from "../lifecycle/records.ts";

const conditions = {
  description: "line one\nline two",
  scopes: ["read"],
  addresses: ["10.0.0.0/8"],
  limit: { requests: 5, windowMs: 60_000 },
  notBefore: context.now,
  expiresAt: context.now + 1000,
  metadata: { team: "a" },
};
const options = { prefix: "gh", now: context.now };

async function linesOf(store = memoryStore(), withDigests = true): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of await exportLines(store, { ...options, withDigests })) lines.push(line);
  return lines;
}

/** A rotated, a revoked and an imported key, and a disabled user. */
async function filled() {
  const store = memoryStore();
  const rotating = createKey({ name: "rotated", ...conditions }, "gh", context).record;
  const rotated = rotateKey(rotating, { overlapMs: 60_000, prefix: "gh" }, later).record;
  const revoked = revoke(createKey({ name: "revoked", kind: "client" }, "gh", context).record, later);
  const imported = importToken("x7Qk29fLmZp04TrYbV81sW", { name: "imported" }, masterKey, context).record;
  const used = { ...imported, lastUsedAt: context.now, lastUsedFrom: "10.0.0.1" };
  const user = setDisabled(createUser({ name: "kate", ...conditions }, bcryptHash, context), true, later);
  for (const record of [rotated, revoked, used]) await store.put("key", { ...record, version: 1 });
  await store.put("user", { ...user, version: 1 });
  return { store, rotated, revoked, imported: used, user };
}

describe("exportLines", () => {
  it("writes nothing that proves a caller, unless asked to", async () => {
    const { store, rotated } = await filled();
    const text = (await linesOf(store, false)).join("");
    for (const word of ["sha256:", "$2y$", "digest", "passwordHash"]) assert.ok(!text.includes(word), word);
    const whole = (await linesOf(store)).join("");
    for (const word of [rotated.secrets[0]!.digest, rotated.secrets[1]!.digest, bcryptHash]) {
      assert.ok(whole.includes(word));
    }
  });

  it("writes one record a line, keys first, over many pages", async () => {
    const store = memoryStore();
    for (let i = 0; i < 1201; i++) await store.put("key", createKey({ name: `key ${i}` }, "gh", context).record);
    await store.put("user", createUser({ name: "kate" }, bcryptHash, context));
    const types = (await linesOf(store, false)).map((line) => JSON.parse(line).type);
    assert.equal(types.filter((type) => type === "key").length, 1201);
    assert.equal(types.at(-1), "user");
  });

  it("is refused before the first line when the store cannot answer", async () => {
    const store = memoryStore();
    store.list = async () => {
      throw new Error("away");
    };
    await assert.rejects(exportLines(store, options), /away/);
  });
});

describe("importLine", () => {
  it("gives another store the same keys and users, changed now by whoever imports", async () => {
    const from = await filled();
    const to = memoryStore();
    for (const line of await linesOf(from.store)) {
      const { type, id, ...told } = await importLine(to, line, later);
      assert.deepEqual(told, { result: "imported" });
      assert.deepEqual(await to.get(type!, id!), {
        ...(await from.store.get(type!, id!)),
        updatedAt: later.now,
        updatedBy: "bob",
      });
    }
    assert.equal((await to.list("key", { limit: 10 })).items.length, 3);
  });

  it("leaves what exists as it is", async () => {
    const { store, rotated } = await filled();
    const before = await store.get("key", rotated.id);
    for (const line of await linesOf(store)) {
      assert.equal((await importLine(store, line.replace('"rotated"', '"other"'), later)).result, "exists");
    }
    assert.deepEqual(await store.get("key", rotated.id), before);
  });

  it("never revives what is revoked, and brings a revocation along", async () => {
    const from = await filled();
    const [line = ""] = (await linesOf(from.store)).filter((each) => each.includes('"revoked"'));
    const alive = line.replace(/"revokedAt":"[^"]+",/, "");
    assert.notEqual(alive, line);
    assert.equal((await importLine(from.store, alive, later)).result, "exists");
    assert.notEqual((await from.store.get("key", from.revoked.id))?.revokedAt, undefined);

    const to = memoryStore();
    await importLine(to, alive, context);
    assert.equal((await importLine(to, line, later)).result, "revoked");
    const stored = await to.get("key", from.revoked.id);
    assert.deepEqual([stored?.revokedAt, stored?.version, stored?.updatedBy], [later.now, 2, "bob"]);
  });

  it("refuses a token that another key has", async () => {
    const { store, imported } = await filled();
    const [line = ""] = (await linesOf(store)).filter((each) => each.includes(imported.id));
    const told = await importLine(store, line.replaceAll(imported.id, "000000000001"), later);
    assert.deepEqual([told.result, told.detail], ["refused", "another key of the store has one of its tokens"]);
  });

  it("refuses lines without digests, and what is no exported record, and repeats nothing of it", async () => {
    const { store } = await filled();
    const to = memoryStore();
    const lines = await linesOf(store);
    const [key = "", user = ""] = ['"rotated"', '"kate"'].map((word) => lines.find((line) => line.includes(word)));
    const wrong = [
      ...(await linesOf(store, false)),
      "",
      "no JSON",
      "[]",
      "null",
      '{"type":"token"}',
      '{"type":"key"}',
      key.replace(/"sha256:.{4}/, '"sha256:'),
      key.replace(/"id":"[^"]+"/, '"id":"../x"'),
      key.replace(/"createdAt":"[^"]+"/, '"createdAt":"yesterday"'),
      key.replace(/"createdAt":"[^"]+"/, '"createdAt":5'),
      key.replace('"type"', '"admin":true,"type"'),
      user.replace(/\$2y\$10\$/, "$9$$10$"),
      user.replace('"id":"kate"', '"id":"ka:te"'),
    ];
    for (const line of wrong) {
      const told = await importLine(to, line, later);
      assert.equal(told.result, "refused", line);
      assert.ok(told.detail && !/[\w-]{30}/.test(told.detail), told.detail);
    }
    assert.equal((await to.list("key", { limit: 1 })).items.length, 0);
    assert.equal((await to.list("user", { limit: 1 })).items.length, 0);
  });

  it("takes a key that nothing proves any more: it can be rotated", async () => {
    const store = memoryStore();
    const record: KeyRecord = { ...createKey({ name: "empty" }, "gh", context).record, secrets: [] };
    await store.put("key", record);
    const [line = ""] = await linesOf(store);
    assert.equal((await importLine(memoryStore(), line, later)).result, "imported");
  });
});

describe("importHtpasswd", () => {
  it("takes or refuses each line by itself, and leaves existing users as they are", async () => {
    const { store, user } = await filled();
    const text = `# users\nann:${bcryptHash}\nkate:${bcryptHash}\nbob:plain\nno colon\n`;
    const lines = [];
    for await (const line of importHtpasswd(store, text, { scopes: ["read"] }, later)) lines.push(line);
    assert.deepEqual(
      lines.map(({ line, name, result, id }) => [line, name, result, id]),
      [
        [2, "ann", "imported", "ann"],
        [3, "kate", "exists", undefined],
        [4, "bob", "refused", undefined],
        [5, undefined, "refused", undefined],
      ],
    );
    assert.deepEqual((await store.get("user", "ann"))?.scopes, ["read"]);
    assert.equal((await store.get("user", "kate"))?.disabled, user.disabled);
  });
});
