import assert from "node:assert/strict";
import { bodies, passwordFor } from "../../../lib/admin/bodies.ts";
import { entryBody } from "../../../lib/admin/entries.ts";
import { passwordComplaint } from "../../../lib/admin/password.ts";
import { parse, type Reader } from "../../../lib/admin/reader.ts";
import { visibleName } from "../../../lib/admin/text.ts";

const all = bodies(() => Date.UTC(2030, 0, 1));

const pointers = (reader: Reader<unknown>, body: unknown) => {
  const read = parse(reader, body);
  return read.ok ? [] : read.problems.map(({ pointer }) => pointer);
};

describe("visibleName", () => {
  it("takes 1 to 100 characters that show", () => {
    for (const name of ["x", "<script>alert(1)</script>", "Büro 2", "名前", "🔑".repeat(100)]) {
      assert.deepEqual(pointers(visibleName, name), [], name);
    }
    const refused = ["", " ", " a", "a\nb", "a\u0000", "a\u202eb", "a\u200bb", "\ud800", "x".repeat(101), 1, undefined];
    for (const name of refused) assert.deepEqual(pointers(visibleName, name), [""], JSON.stringify(name));
  });
});

describe("passwordComplaint", () => {
  it("refuses short, common and single-minded passwords, and the name", () => {
    const refused = [
      "",
      "short",
      "1234567",
      "🔑".repeat(7),
      "password",
      "PassWord1",
      "12345678",
      "aaaaaaaa",
      "abababab",
      "Kate-Miller",
    ];
    for (const password of refused) assert.ok(passwordComplaint(password, "kate-miller"), password);
  });

  it("takes passwords of any kind of characters", () => {
    for (const password of [
      "correct horse",
      "pa:ss:word",
      "ünïcödé!",
      "Pass1234!",
      "kate-miller-2",
      "x7Q".repeat(300),
    ]) {
      assert.equal(passwordComplaint(password, "kate-miller"), undefined, password);
    }
  });
});

describe("passwordFor", () => {
  it("judges a password alone", () => {
    assert.deepEqual(pointers(passwordFor("kate"), "a-long-password"), []);
    for (const password of [5, "short", "a-long\u0000password"]) {
      assert.deepEqual(pointers(passwordFor("kate"), password), [""]);
    }
  });
});

describe("bodies", () => {
  it("of a key take a name, a kind and conditions", () => {
    assert.deepEqual(pointers(all.newKey, { name: "x", kind: "client", scopes: ["a"] }), []);
    assert.deepEqual(pointers(all.newKey, {}), ["/name"]);
    assert.deepEqual(pointers(all.newKey, { name: "x", version: 1 }), ["/version"]);
    for (const member of ["id", "secrets", "revokedAt", "lastUsedAt", "createdBy", "disabled"]) {
      assert.deepEqual(pointers(all.newKey, { name: "x", [member]: null }), [`/${member}`]);
      assert.deepEqual(pointers(all.changedKey, { [member]: null }), [`/${member}`]);
    }
  });

  it("of a changed key leave the environment: it is in the text that callers hold", () => {
    assert.deepEqual(pointers(all.changedKey, { name: "y", expiresAt: null, version: 3 }), []);
    assert.deepEqual(pointers(all.changedKey, { environment: "sandbox" }), ["/environment"]);
    assert.deepEqual(pointers(all.changedUser, { environment: "sandbox" }), []);
    assert.deepEqual(pointers(all.changedUser, { name: "eve" }), ["/name"]);
  });

  it("of a user judge the password with the name, in the form that is hashed", () => {
    const user = (name: unknown, password: unknown) => pointers(all.newUser, { name, password });
    assert.deepEqual(user("kate", "a-long-password"), []);
    assert.deepEqual(user("long-name", "long-name"), ["/password"]);
    assert.deepEqual(user("kate", "long enough\u0000"), ["/password"]);
    assert.deepEqual(user("kate", 12345678), ["/password"]);
    assert.deepEqual(user("kate", "x".repeat(1025)), ["/password"]);
    for (const name of ["a:b", "__proto__", "ﬁ", 5]) assert.deepEqual(user(name, "a-long-password"), ["/name"]);
    assert.deepEqual(pointers(all.newUser, []), [""]);
    const read = parse(all.newUser, { name: "kate", password: "pa\u0308ssword\u00a0x" });
    assert.equal(read.ok && read.value.password, "pässword x");
  });

  it("of actions take a version or nothing", () => {
    assert.deepEqual(pointers(all.action, {}), []);
    assert.deepEqual(pointers(all.action, { version: 2 }), []);
    for (const version of [0, "1", 1.5, null]) assert.deepEqual(pointers(all.action, { version }), ["/version"]);
    assert.deepEqual(pointers(all.action, { _method: "DELETE" }), ["/_method"]);
    assert.deepEqual(pointers(all.rotation, { overlapSeconds: 31 * 24 * 3600 }), ["/overlapSeconds"]);
  });
});

describe("entryBody", () => {
  it("is of one of its types", () => {
    const masterKey = Buffer.alloc(32, 1).toString("base64url");
    const good = [
      { type: "key", prefix: "gh", environment: "sandbox" },
      { type: "token", token: "abc123", id: "x", masterKey },
      { type: "token", token: "abc123", store: "s1" },
      { type: "user", name: "kate", password: "a-long-password" },
    ];
    for (const body of good) assert.deepEqual(pointers(entryBody, body), [], body.type);
    assert.deepEqual(pointers(entryBody, { ...good[1], masterKey: "short" }), ["/masterKey"]);
    assert.deepEqual(pointers(entryBody, { ...good[1], masterKey: 1 }), ["/masterKey"]);
    assert.deepEqual(pointers(entryBody, { ...good[0], prefix: "No" }), ["/prefix"]);
    assert.deepEqual(pointers(entryBody, { ...good[0], name: "x" }), ["/name"]);
    assert.deepEqual(pointers(entryBody, { type: "__proto__" }), ["/type"]);
    assert.deepEqual(pointers(entryBody, null), [""]);
  });
});
