import assert from "node:assert/strict";
import { parseApiKey } from "../../lib/secrets/api-key.ts";
import { type AdminServer, adminServer } from "./admin-server.ts";

const keys = "/stores/s1/keys";

describe("admin API: keys", () => {
  let server: AdminServer;
  before(async () => {
    server = await adminServer();
  });
  after(() => server.stop());

  const create = async (body: object = { name: "a key" }) => (await server.ask("POST", keys, { body })).json;

  it("gives a new key's secret once, and never again", async () => {
    const made = await server.ask("POST", keys, { body: { name: "once", scopes: ["read"], allow: ["10.0.0.0/8"] } });
    assert.equal(made.status, 201);
    assert.match(made.headers["content-type"] as string, /^application\/json/);
    assert.equal(parseApiKey(made.json.secret, "gh")?.id, made.json.id);
    assert.equal(made.text.split(made.json.secret).length, 2);
    assert.deepEqual(made.json.addresses, ["10.0.0.0/8"]);
    const listed = await server.ask("GET", keys, { user: "ro" });
    for (const word of ["hash", "salt", "secret", "sha256", made.json.secret])
      assert.ok(!listed.text.includes(word), word);
    const shown = await server.ask("GET", `${keys}/${made.json.id}`);
    assert.equal(shown.headers.etag, '"1"');
    assert.ok(!shown.text.includes(made.json.secret.slice(-20)));
  });

  it("lists in pages and finds by name", async () => {
    for (const name of ["page one", "page two", "page three"]) await create({ name });
    const first = (await server.ask("GET", `${keys}?limit=2&search=PAGE`)).json;
    assert.equal(first.items.length, 2);
    const rest = (await server.ask("GET", `${keys}?limit=2&search=PAGE&after=${first.next}`)).json;
    assert.equal(rest.items.length, 1);
    assert.equal(rest.next, undefined);
    assert.equal((await server.ask("GET", `${keys}?limit=1001`)).status, 422);
  });

  it("changes conditions, and takes away what is null", async () => {
    const { id } = await create({ name: "x", limit: { requests: 5, windowSeconds: 10 }, metadata: { team: "a" } });
    const changed = await server.ask("PATCH", `${keys}/${id}`, { body: { name: "y", limit: null, version: 1 } });
    assert.equal(changed.status, 200);
    assert.equal(changed.json.name, "y");
    assert.equal(changed.json.limit, undefined);
    assert.equal(changed.json.version, 2);
    assert.deepEqual(changed.json.metadata, { team: "a" });
  });

  it("refuses a change of a version that is no longer there", async () => {
    const { id } = await create();
    await server.ask("PATCH", `${keys}/${id}`, { body: { name: "first" } });
    assert.equal((await server.ask("PATCH", `${keys}/${id}`, { body: { name: "late", version: 1 } })).status, 409);
    const headers = { "if-match": '"1"' };
    assert.equal((await server.ask("PATCH", `${keys}/${id}`, { body: { name: "late" }, headers })).status, 412);
    assert.equal((await server.ask("DELETE", `${keys}/${id}`, { headers: { "if-match": "1" } })).status, 400);
    assert.equal((await server.ask("GET", `${keys}/${id}`)).json.name, "first");
  });

  it("rotates with an overlap that can be ended early", async () => {
    const made = await create();
    const rotated = await server.ask("POST", `${keys}/${made.id}/rotate`, { body: { overlapSeconds: 60 } });
    assert.equal(rotated.status, 201);
    assert.notEqual(rotated.json.secret, made.secret);
    assert.equal(rotated.json.id, made.id);
    assert.equal(rotated.json.credentials.length, 2);
    assert.ok(Date.parse(rotated.json.credentials[1].expiresAt) <= Date.now() + 60_000);
    const ended = await server.ask("POST", `${keys}/${made.id}/end-overlap`, { body: {} });
    assert.equal(ended.json.credentials.length, 1);
  });

  it("keeps the time of the first revocation, and changes nothing of a revoked key", async () => {
    const { id } = await create();
    const first = await server.ask("DELETE", `${keys}/${id}`);
    assert.equal(first.json.state, "revoked");
    const again = await server.ask("POST", `${keys}/${id}/revoke`, { body: {} });
    assert.equal(again.status, 200);
    assert.equal(again.json.revokedAt, first.json.revokedAt);
    assert.equal(again.json.version, first.json.version);
    for (const action of ["rotate", "disable", "enable", "end-overlap"]) {
      assert.equal((await server.ask("POST", `${keys}/${id}/${action}`, { body: {} })).status, 409, action);
    }
    assert.equal((await server.ask("PATCH", `${keys}/${id}`, { body: { name: "back" } })).status, 409);
  });

  it("disables and enables", async () => {
    const { id } = await create();
    assert.equal((await server.ask("POST", `${keys}/${id}/disable`, { body: {} })).json.state, "disabled");
    assert.equal((await server.ask("POST", `${keys}/${id}/enable`, { body: {} })).json.state, "active");
  });

  it("imports a token once, with a warning when it is short", async () => {
    const body = { name: "old", token: "abc123" };
    const made = await server.ask("POST", `${keys}/import`, { body });
    assert.equal(made.status, 201);
    assert.match(made.json.warning, /short/);
    assert.ok(!made.text.includes("abc123"));
    assert.equal(made.json.imported, true);
    assert.equal((await server.ask("POST", `${keys}/import`, { body })).status, 409);
    assert.equal((await server.ask("POST", `${keys}/import`, { body, user: "rw" })).status, 401);
  });

  it("names the member at fault", async () => {
    const faults: readonly (readonly [object, string])[] = [
      [{ name: "x", isAdmin: true }, "/isAdmin"],
      [{ name: "x", secret: "abc" }, "/secret"],
      [{ name: "x", createdBy: "someone" }, "/createdBy"],
      [{ name: "x", disabled: false }, "/disabled"],
      [{ name: "" }, "/name"],
      [{ name: "a\r\nb" }, "/name"],
      [{ name: "a\u0000b" }, "/name"],
      [{ name: ["a"] }, "/name"],
      [{ name: "x", allow: ["0.0.0.0/0 "] }, "/allow/0"],
      [{ name: "x", addresses: ["10.0.0.1", "999.1.1.1"] }, "/addresses"],
      [{ name: "x", expiresAt: "yesterday" }, "/expiresAt"],
      [{ name: "x", expiresAt: "9999-99-99" }, "/expiresAt"],
      [{ name: "x", expiresAt: "2020-01-01T00:00:00Z" }, "/expiresAt"],
      [{ name: "x", scopes: ["a b"] }, "/scopes/0"],
      [JSON.parse('{"name":"x","__proto__":{"admin":true}}'), "/__proto__"],
    ];
    const before = (await server.ask("GET", `${keys}?limit=1000`)).json.items.length;
    for (const [body, pointer] of faults) {
      const answer = await server.ask("POST", keys, { body });
      assert.equal(answer.status, 422, pointer);
      assert.equal(answer.headers["content-type"], "application/problem+json");
      assert.equal(answer.json.errors[0].pointer, pointer);
    }
    assert.equal((await server.ask("GET", `${keys}?limit=1000`)).json.items.length, before);
  });

  it("knows no key by an id that is none", async () => {
    for (const id of ["%00", "..", "K1;x", "__proto__", "constructor", "a%2fb", "000000000000"]) {
      assert.equal((await server.ask("DELETE", `${keys}/${id}`)).status, 404, id);
      assert.equal((await server.ask("GET", `${keys}/${id}`)).status, 404, id);
    }
    assert.equal((await server.ask("GET", `${keys}/%ff`)).status, 400);
  });

  it("writes a line of the audit trail for each change, without the secret", async () => {
    server.audit.length = 0;
    const made = await create({ name: "audited", scopes: ["a"] });
    await server.ask("POST", `${keys}/${made.id}/rotate`, { body: {}, user: "rw" });
    await server.ask("DELETE", `${keys}/${made.id}`);
    await server.ask("DELETE", `${keys}/${made.id}`);
    const told = server.audit.map(({ event, actor, id, version }) => [event, actor, id === made.id, version]);
    assert.deepEqual(told, [
      ["gatehouse.key.create", "admin", true, 1],
      ["gatehouse.key.rotate", "rw", true, 2],
      ["gatehouse.key.revoke", "admin", true, 3],
    ]);
    assert.deepEqual(server.audit[0]?.scopes, ["a"]);
    assert.ok(!JSON.stringify(server.audit).includes(made.secret));
  });

  it("changes nothing in a store whose entries are typed in the dialog", async () => {
    const refused = await server.ask("POST", "/stores/fixed/keys", { body: { name: "x" } });
    assert.equal(refused.status, 409);
    assert.match(refused.json.detail, /dialog/);
    assert.equal((await server.ask("GET", "/stores/fixed/keys")).status, 200);
  });

  it("says of a store that cannot work why", async () => {
    const refused = await server.ask("GET", "/stores/broken/keys");
    assert.equal(refused.status, 503);
    assert.match(refused.json.detail, /no folder is named/);
    for (const id of ["unknown", "other", "__proto__"]) {
      assert.equal((await server.ask("GET", `/stores/${id}/keys`)).status, 404, id);
    }
  });
});
