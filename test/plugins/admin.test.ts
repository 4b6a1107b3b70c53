import assert from "node:assert/strict";
import { request } from "node:http";
import { bodies } from "../../lib/admin/bodies.ts";
import { adminRoutes } from "../../plugins/gatehouse/gatehouse.ts";
import { type AdminUser, type FlowNode, type NodeRed, startNodeRed } from "../harness/node-red.ts";

const store = {
  id: "s1",
  type: "key-store-config",
  name: "keys",
  version: 1,
  backend: "embedded",
  folder: "gatehouse",
  prefix: "gh",
  entries: [],
};

const flows: readonly FlowNode[] = [
  { id: "tab", type: "tab", label: "api" },
  store,
  { id: "in", type: "http in", z: "tab", url: "/token", method: "get", wires: [["check"]] },
  {
    id: "check",
    type: "x-auth-token-check",
    z: "tab",
    version: 1,
    store: "s1",
    network: "",
    realm: "api",
    carriers: [{ in: "header", name: "x-auth-token", scheme: "" }],
    scopes: [],
    environment: "",
    hideCredentials: true,
    observe: false,
    wires: [["out"], ["out"]],
  },
  { id: "out", type: "http response", z: "tab", statusCode: "", wires: [] },
];

const routes = adminRoutes({
  bodies: bodies(Date.now),
  handles: { find: () => undefined, all: () => [] },
  now: Date.now,
  hashPassword: async () => "",
  audit: () => {},
});

interface Options {
  readonly user?: AdminUser | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(red: NodeRed, method: string, path: string, { user = "admin", body, headers }: Options = {}) {
  const response = await fetch(`${red.adminUrl}/gatehouse${path}`, {
    method,
    headers: {
      ...(user && { authorization: `Bearer ${await red.adminToken(user)}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json$/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

describe("admin API in Node-RED", function () {
  this.timeout(90_000);
  let red: NodeRed;
  before(async () => {
    red = await startNodeRed({ flows, settings: { logging: { console: { level: "info", audit: true } } } });
  });
  after(() => red.stop());

  const call = async (token: string) =>
    (await fetch(`${red.url}/token`, { headers: { "x-auth-token": token } })).status;

  it("makes, rotates and revokes a key that holds at once in the flow", async () => {
    const made = await ask(red, "POST", "/stores/s1/keys", { body: { name: "caller" } });
    assert.equal(made.status, 201);
    const keyPath = `/stores/s1/keys/${made.json.id}`;
    assert.equal(await call(made.json.secret), 200);
    const rotated = await ask(red, "POST", `${keyPath}/rotate`, { body: { overlapSeconds: 60 } });
    assert.deepEqual([await call(made.json.secret), await call(rotated.json.secret)], [200, 200]);
    await ask(red, "POST", `${keyPath}/end-overlap`, { body: {} });
    assert.deepEqual([await call(made.json.secret), await call(rotated.json.secret)], [401, 200]);
    await ask(red, "POST", `${keyPath}/disable`, { body: {} });
    assert.equal(await call(rotated.json.secret), 401);
    await ask(red, "POST", `${keyPath}/enable`, { body: {} });
    assert.equal(await call(rotated.json.secret), 200);
    const revoked = await ask(red, "DELETE", keyPath);
    assert.equal(revoked.json.state, "revoked");
    assert.equal(await call(rotated.json.secret), 401);
    assert.equal((await ask(red, "POST", `${keyPath}/enable`, { body: {} })).status, 409);
    assert.equal(await call(rotated.json.secret), 401);
    assert.ok(!red.log().includes(made.json.secret) && !red.log().includes(rotated.json.secret));
    assert.match(red.log(), /"event":"gatehouse\.key\.rotate".*"actor":"admin"/);
  });

  it("answers nobody without a token, on every route", async () => {
    for (const { method, path, body } of routes) {
      const at = path.replaceAll(/:\w+/g, "s1");
      const answer = await ask(red, method, at, { user: null, ...(body && { body: {} }) });
      assert.equal(answer.status, 401, `${method} ${path}`);
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
      assert.equal(answer.headers.get("cache-control"), "no-store");
    }
  });

  it("gives readers what is to read, and writers no import and export", async () => {
    const allowed = { ro: ["gatehouse.read"], rw: ["gatehouse.read", "gatehouse.write"] };
    for (const [user, permissions] of Object.entries(allowed)) {
      for (const { method, path, body, permission } of routes) {
        const at = path.replaceAll(/:store/g, "none").replaceAll(/:\w+/g, "x");
        const { status } = await ask(red, method, at, { user: user as AdminUser, ...(body && { body: {} }) });
        assert.equal(status !== 401, permissions.includes(permission), `${user} ${method} ${path}: ${status}`);
      }
    }
  });

  it("refuses pages of other origins, and sends them no permission to read", async () => {
    for (const origin of ["https://evil.example", "null"]) {
      const answer = await ask(red, "POST", "/stores/s1/keys", { body: { name: "x" }, headers: { origin } });
      assert.equal(answer.status, 403);
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
    }
  });

  it("refuses bodies that Node-RED itself would take", async () => {
    const long = { name: "x", description: "y".repeat(70_000) };
    assert.equal((await ask(red, "POST", "/stores/s1/keys", { body: long })).status, 413);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    assert.equal((await ask(red, "POST", "/stores/s1/keys", { body: {}, headers: form })).status, 415);
  });

  it("refuses a token in the query", async () => {
    const token = await red.adminToken("admin");
    assert.equal((await ask(red, "GET", `/stores/s1/keys?access_token=${token}`, { user: null })).status, 400);
  });

  it("keeps its keys over a deploy", async () => {
    const made = await ask(red, "POST", "/stores/s1/keys", { body: { name: "stays" } });
    await red.deploy(flows);
    assert.equal((await ask(red, "GET", `/stores/s1/keys/${made.json.id}`)).json.name, "stays");
    assert.equal(await call(made.json.secret), 200);
    const { items } = (await ask(red, "GET", "/stores")).json;
    assert.deepEqual(items, [
      { id: "s1", name: "keys", backend: "embedded", prefix: "gh", canImportTokens: false, state: "ready" },
    ]);
  });
});

describe("admin API in Node-RED without adminAuth", function () {
  this.timeout(90_000);
  let red: NodeRed;
  before(async () => {
    red = await startNodeRed({ flows: [store], settings: { adminAuth: null } });
  });
  after(() => red.stop());

  const statusAt = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const url = new URL(`${red.adminUrl}/gatehouse/stores/s1/keys`);
      const outgoing = request(url, { headers: { host } }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      });
      outgoing.on("error", reject);
      outgoing.end();
    });

  it("takes this machine by its own names, and no name that a page made up", async () => {
    assert.equal(await statusAt("localhost:1880"), 200);
    assert.equal(await statusAt(`127.0.0.1:${red.port}`), 200);
    assert.equal(await statusAt("evil.example"), 403);
  });
});
