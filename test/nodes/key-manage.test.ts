import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatBasic } from "../../lib/http/authorization.ts";
import { type FlowNode, type NodeRed, startNodeRed, until } from "../harness/node-red.ts";
import { basicCheck, fn, httpIn, ipCheck, keyStore, node, response, tab, tokenCheck } from "../support/flow.ts";
import { seedStore, testMasterKey } from "../support/seed.ts";

const manage = (id: string, operation: string, subject: string, store = "store"): FlowNode =>
  node(id, "key-manage", { version: 1, store, operation, subject }, ["json"], ["json"]);
const post = (id: string, url: string, target: string): FlowNode =>
  node(id, "http in", { url, method: "post", upload: false }, [target]);

const fixed = keyStore("", { id: "fixed", backend: "credentials", name: "typed" });

const flows = [
  tab,
  response,
  node("json", "json", { property: "payload", action: "str", pretty: false }, ["response"]),
  // The payload is the request's own.
  post("in-any", "/any", "any"),
  manage("any", "", ""),
  post("in-create", "/create", "create"),
  manage("create", "create", "key"),
  post("in-typed", "/typed", "typed"),
  manage("typed", "", "", "fixed"),
  post("in-nowhere", "/nowhere", "nowhere"),
  manage("nowhere", "", "", "gone"),
  // A portal.
  post("in-rotate", "/rotate", "rotate-check"),
  tokenCheck("rotate-check", "rotate-own", ["response"]),
  fn("rotate-own", "msg.payload = { id: '$caller' }; return msg;", "rotate"),
  manage("rotate", "rotate", "key"),
  httpIn("in-who", "/who", "who-check"),
  tokenCheck("who-check", "who", ["response"]),
  fn("who", "msg.payload = msg.auth.id; return msg;", "response"),
  post("in-password", "/password", "password-check"),
  basicCheck("password-check", "password", ["response"]),
  manage("password", "password", "user"),
  // Messages that claim to come from somebody.
  post("in-forge", "/forge", "forge"),
  fn(
    "forge",
    "const id = msg.payload.id; msg.auth = { kind: 'key', id, method: 'x-auth-token-check', methods: ['x-auth-token-check'] }; msg._gatehouse = 'forged'; msg.payload = { id: '$caller' }; return msg;",
    "rotate",
  ),
  post("in-relabel", "/relabel", "relabel-check"),
  tokenCheck("relabel-check", "relabel", ["response"]),
  fn("relabel", "msg.auth.id = msg.payload.id; msg.payload = { id: '$caller' }; return msg;", "rotate"),
  // A later check of the same flow refuses whom an earlier one let in.
  post("in-refused", "/refused", "refused-check"),
  tokenCheck("refused-check", "refused-address", ["response"]),
  ipCheck("refused-address", "response", ["refused-own"], { allow: "192.0.2.1" }),
  fn("refused-own", "msg.payload = { id: '$caller' }; return msg;", "rotate"),
];

interface Said {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: an answer's members are what the tests look at.
  readonly json: any;
}

describe("key-manage", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-manage-"));
  let nodeRed: NodeRed;
  let keys: ReadonlyMap<string, string>;

  before(async () => {
    keys = await seedStore(folder, {
      keys: ["one", "two", "three", "four"].map((name) => ({ name })),
      users: [{ name: "alice", password: "correct horse" }],
    });
    nodeRed = await startNodeRed({
      flows: [...flows, keyStore(folder), fixed],
      env: { GATEHOUSE_MASTER_KEY: testMasterKey },
      settings: { logging: { console: { level: "info", metrics: false, audit: true } } },
    });
  });
  after(async () => {
    await nodeRed?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(path: string, payload: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Said> {
    const answer = await fetch(`${nodeRed.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(payload),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: text.startsWith("{") ? JSON.parse(text) : text };
  }
  const any = (operation: string, members: object = {}, type = "key") => ask("/any", { operation, type, ...members });
  const withKey = (key: string) => ({ "x-auth-token": key });
  const textOf = (name: string) => keys.get(name) ?? "";
  const idOf = async (name: string): Promise<string> => (await any("list", { search: name })).json.items[0].id;
  const who = async (key: string) => {
    const answer = await fetch(`${nodeRed.url}/who`, { headers: withKey(key) });
    return answer.status === 200 ? answer.text() : answer.status;
  };

  it("rotates the key of the caller: the old one works for the overlap, and the new one at once", async () => {
    const [old, id] = [textOf("one"), await idOf("one")];
    const rotated = await ask("/rotate", {}, withKey(old));
    assert.equal(rotated.status, 200);
    assert.equal(rotated.json.id, id);
    assert.ok(Date.parse(rotated.json.credentials[1].expiresAt) > Date.now() + 3_590_000);
    assert.deepEqual([await who(old), await who(rotated.json.secret)], [id, id]);
    const again = await ask("/rotate", {}, withKey(rotated.json.secret));
    assert.deepEqual([await who(old), await who(rotated.json.secret), await who(again.json.secret)], [401, id, id]);
  });

  it("answers as JSON that no cache keeps and no page can run", async () => {
    const { status, headers } = await ask("/rotate?callback=alert", {}, withKey(textOf("two")));
    assert.equal(status, 200);
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
    assert.equal(headers.get("cache-control"), "no-store");
  });

  it("rotates no key of somebody else for a message that claims to be from there", async () => {
    const [id, mine] = [await idOf("three"), await idOf("four")];
    const forged = await ask("/forge", { id });
    assert.equal(forged.status, 422);
    assert.match(forged.json.error, /No check of this flow let in/);
    const relabelled = await ask("/relabel", { id }, withKey(textOf("four")));
    assert.equal(relabelled.json.id, mine);
    assert.equal((await any("get", { id })).json.version, 1);
    assert.equal(await who(textOf("three")), id);
  });

  it("knows no caller whom a later check refused", async () => {
    const refused = await ask("/refused", {}, withKey(textOf("three")));
    assert.equal(refused.status, 422);
    assert.equal((await any("get", { id: await idOf("three") })).json.version, 1);
  });

  it("lets a user set the own password, and asks for the kind that is managed", async () => {
    const login = (password: string) => ({ authorization: formatBasic("alice", password) });
    const request = { id: "$caller", password: "another horse" };
    assert.equal((await ask("/password", request, login("correct horse"))).json.id, "alice");
    assert.equal((await ask("/password", request, login("correct horse"))).status, 401);
    assert.equal((await ask("/password", request, login("another horse"))).status, 200);
    const byKey = { authorization: formatBasic("", textOf("three")) };
    assert.equal((await ask("/password", request, byKey)).status, 422);
  });

  it("does what the message says where the node leaves it open, and nothing else where it does not", async () => {
    const made = await any("create", { name: "made", environment: "sandbox", scopes: ["a"] });
    assert.match(made.json.secret, /^gh_test_/);
    const { id } = made.json;
    assert.equal((await any("update", { id, scopes: [] })).json.version, 2);
    assert.equal((await any("disable", { id })).json.state, "disabled");
    assert.equal((await any("revoke", { id })).json.state, "revoked");
    assert.equal((await any("enable", { id })).status, 409);
    const other = await ask("/create", { operation: "revoke", type: "user", name: "x" });
    assert.deepEqual([other.status, other.json.name, other.json.kind], [200, "x", "server"]);
  });

  it("makes users, imports tokens and finds them", async () => {
    const user = await any("create", { name: "bob", password: "a long password" }, "user");
    assert.equal(user.json.passwordKind, "argon2id");
    const imported = await any("import", { name: "old", token: "abc123" });
    assert.match(imported.json.warning, /short/);
    assert.equal(await who("abc123"), imported.json.id);
    assert.equal((await any("list", { search: "bo" }, "user")).json.items.length, 1);
  });

  it("says by the second output what is wrong with a request", async () => {
    const wrong = await any("create", { name: "", admin: true });
    assert.equal(wrong.status, 422);
    assert.deepEqual(wrong.json.problems.map(({ pointer }: { pointer: string }) => pointer).sort(), [
      "/admin",
      "/name",
    ]);
    assert.equal((await any("get", { id: "nobody" })).status, 404);
    for (const operation of ["fly", "constructor", "__proto__"]) assert.equal((await any(operation)).status, 422);
    assert.equal((await any("get", {}, "store")).status, 422);
    assert.equal((await ask("/any", { type: "key" })).status, 422);
    assert.equal((await ask("/any", [])).status, 422);
  });

  it("lets those try again who failed too often", async () => {
    for (let i = 0; i < 40; i++) await fetch(`${nodeRed.url}/who`, { headers: withKey("wrong") });
    assert.equal(await who("abc123"), 429);
    assert.equal((await any("unlock", { address: "127.0.0.1" })).status, 200);
    assert.notEqual(await who("abc123"), 429);
  });

  it("changes nothing of a store whose entries are typed in its dialog, and says why without a store", async () => {
    const refused = await ask("/typed", { operation: "create", name: "x" });
    assert.equal(refused.status, 409);
    assert.match(refused.json.error, /dialog/);
    assert.equal((await ask("/typed", { operation: "list" })).status, 200);
    assert.equal((await ask("/nowhere", { operation: "list" })).status, 503);
  });

  it("writes each change to the audit log with whoever asked for it, and no secret", async () => {
    const rotated = await ask("/rotate", {}, withKey(textOf("three")));
    const { id, secret } = rotated.json;
    const line = () =>
      nodeRed
        .log()
        .split("\n")
        .find((each) => each.includes("gatehouse.key.rotate") && each.includes(id));
    assert.ok(await until(() => line() !== undefined, 2000));
    assert.ok(line()?.includes(`"actor":"key ${id}"`));
    for (const text of [secret, textOf("three"), "abc123"]) assert.ok(!nodeRed.log().includes(text));
  });
});
