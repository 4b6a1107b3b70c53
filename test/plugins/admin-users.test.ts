import assert from "node:assert/strict";
import { verifyPassword } from "../../lib/secrets/password-hash.ts";
import { type AdminServer, adminServer } from "./admin-server.ts";

const users = "/stores/s1/users";
const password = "a-long-password-1";
const bcrypt = "$2y$10$2CXfUL26/intLCFhdaCqh.OxosjXbOUgp/xaGh4t7YqWDD9zukrC2";

describe("admin API: users", () => {
  let server: AdminServer;
  before(async () => {
    server = await adminServer();
  });
  after(() => server.stop());

  const stored = (id: string) => server.stores.get("s1")?.get("user", id);

  it("makes a user, and shows nothing of the password", async () => {
    const made = await server.ask("POST", users, { body: { name: "jürgen".normalize("NFC"), password } });
    assert.equal(made.status, 201);
    assert.ok(!/hash|argon2id\$|long-password/.test(made.text));
    const record = await stored("jürgen".normalize("NFC"));
    assert.ok(record && (await verifyPassword(record.passwordHash, password)).match);
    const listed = await server.ask("GET", users, { user: "ro" });
    for (const word of ["hash", "salt", "secret"]) assert.ok(!listed.text.includes(word), word);
  });

  it("refuses a name that is another's after normalisation", async () => {
    const again = await server.ask("POST", users, { body: { name: "jürgen".normalize("NFD"), password } });
    assert.equal(again.status, 409);
    const path = `${users}/${encodeURIComponent("jürgen".normalize("NFD"))}`;
    assert.equal((await server.ask("GET", path)).json.id, "jürgen".normalize("NFC"));
  });

  it("names the member at fault", async () => {
    const faults: readonly (readonly [object, string])[] = [
      [{ name: "weak", password: "password" }, "/password"],
      [{ name: "weak", password: "short" }, "/password"],
      [{ name: "myownname", password: "MyOwnName" }, "/password"],
      [{ name: "weak" }, "/password"],
      [{ name: "a:b", password }, "/name"],
      [{ name: "__proto__", password }, "/name"],
      [{ name: "x", password, passwordHash: bcrypt }, "/passwordHash"],
    ];
    for (const [body, pointer] of faults) {
      const answer = await server.ask("POST", users, { body });
      assert.equal(answer.status, 422, JSON.stringify(body));
      assert.equal(answer.json.errors[0].pointer, pointer);
    }
  });

  it("sets another password, by the same rules", async () => {
    await server.ask("POST", users, { body: { name: "kate", password } });
    const path = `${users}/kate/password`;
    assert.equal(
      (await server.ask("PUT", path, { body: { password: "12345678" } })).json.errors[0].pointer,
      "/password",
    );
    assert.equal((await server.ask("PUT", path, { body: { password: "another-password" } })).json.version, 2);
    const record = await stored("kate");
    assert.ok(record && (await verifyPassword(record.passwordHash, "another-password")).match);
    assert.equal((await server.ask("PUT", `${users}/nobody/password`, { body: { password } })).status, 404);
    assert.equal((await server.ask("PUT", path, { body: { password, version: 1 } })).status, 409);
  });

  it("changes, disables, enables and revokes", async () => {
    await server.ask("POST", users, { body: { name: "dave", password } });
    const changed = await server.ask("PATCH", `${users}/dave`, { body: { scopes: ["read"], environment: "sandbox" } });
    assert.deepEqual(changed.json.scopes, ["read"]);
    assert.equal((await server.ask("PATCH", `${users}/dave`, { body: { name: "eve" } })).status, 422);
    assert.equal((await server.ask("POST", `${users}/dave/disable`, { body: {} })).json.state, "disabled");
    assert.equal((await server.ask("POST", `${users}/dave/enable`, { body: {} })).json.state, "active");
    assert.equal((await server.ask("DELETE", `${users}/dave`)).json.state, "revoked");
    assert.equal((await server.ask("PUT", `${users}/dave/password`, { body: { password } })).status, 409);
    assert.equal((await server.ask("POST", users, { body: { name: "dave", password } })).status, 409);
    assert.equal((await server.ask("GET", `${users}/a%3Ab`)).status, 404);
    assert.equal((await server.ask("DELETE", `${users}/a%3Ab`)).status, 404);
  });

  it("imports an htpasswd file line by line, refusing what is hostile with its line", async () => {
    const text = [
      `ok:${bcrypt}`,
      "__proto__:x",
      `__proto__:${bcrypt}`,
      `slow:${bcrypt.replace("$10$", "$31$")}`,
      "plain:secret",
      "rounds:$6$rounds=999999999$a$b",
      `:${bcrypt}`,
      "#comment",
      "",
      "no colon",
      `ok:${bcrypt}`,
      `kate:${bcrypt}`,
    ].join("\n");
    const answer = await server.ask("POST", "/stores/s1/import/htpasswd", { body: { text } });
    assert.equal(answer.status, 200);
    assert.equal(answer.json.imported, 1);
    const results = answer.json.lines.map(({ line, result }: { line: number; result: string }) => `${line} ${result}`);
    const refused = [2, 3, 4, 5, 6, 7, 10, 11].map((line) => `${line} refused`);
    assert.deepEqual(results, ["1 imported", ...refused, "12 exists"]);
    assert.ok(!answer.text.includes("$2y$") && !answer.text.includes("secret"));
    assert.equal((await stored("ok"))?.passwordHash, bcrypt);
    assert.equal((await stored("kate"))?.version, 2);
  });

  it("exports everything but what proves", async () => {
    const { id, secret } = (await server.ask("POST", "/stores/s1/keys", { body: { name: "exported" } })).json;
    const answer = await server.ask("GET", "/stores/s1/export");
    assert.match(answer.headers["content-type"] as string, /^application\/jsonl/);
    const lines = answer.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.ok(lines.some((line) => line.type === "key" && line.id === id));
    assert.ok(lines.some((line) => line.type === "user" && line.id === "kate"));
    assert.ok(!/argon2id\$|\$2y|sha256|hash/.test(answer.text) && !answer.text.includes(secret));
    assert.equal((await server.ask("GET", "/stores/s1/export", { user: "rw" })).status, 401);
  });
});
