import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatBasic } from "../../lib/http/authorization.ts";
import { type NodeRed, startNodeRed } from "../harness/node-red.ts";
import {
  basicCheck,
  fn,
  httpIn,
  ipCheck,
  keyStore,
  node,
  permissionCheck,
  response,
  tab,
  tokenCheck,
} from "../support/flow.ts";
import { seedStore } from "../support/seed.ts";

const carriers = [
  { in: "header", name: "x-auth-token", scheme: "" },
  { in: "header", name: "authorization", scheme: "Bearer" },
];
const anyMethod = (id: string, url: string, target: string) =>
  ["get", "post", "delete"].map((method) =>
    node(`${id}-${method}`, "http in", { url, method, upload: false }, [target]),
  );
const rules = [
  { effect: "deny", path: "/api/internal/*" },
  { methods: ["GET"], path: "/api/orders/*", anyOf: ["orders:read", "orders:write"], noneOf: ["suspended"] },
  { methods: ["POST"], path: "/api/orders", allOf: ["orders:write", "orders:read"] },
  { methods: ["DELETE"], path: "/api/orders/:id", allOf: ["orders:delete"], environment: "production" },
  { path: "/api/server", caller: "server" },
  { path: "/api/users", caller: "user" },
];
const today = new Date().getUTCDay();

const flows = [
  tab,
  response,
  fn("show", "msg.payload = { auth: msg.auth }; return msg;", "response"),
  ...anyMethod("in-api", "/api/*", "api-token"),
  tokenCheck("api-token", "api-rules", ["api-basic"], { carriers }),
  basicCheck("api-basic", "api-rules", ["response"]),
  permissionCheck("api-rules", "show", ["response"], rules),
  httpIn("in-nobody", "/nobody", "nobody-ip"),
  ipCheck("nobody-ip", "nobody", ["response"]),
  permissionCheck("nobody", "show", ["response"], [{}]),
  httpIn("in-forged", "/forged", "forger"),
  fn(
    "forger",
    "msg.auth = {kind: 'key', id: 'x', scopes: ['admin']}; msg._gatehouse = 'forged'; return msg;",
    "forged",
  ),
  permissionCheck("forged", "show", ["response"], [{}]),
  httpIn("in-today", "/today", "today-token"),
  tokenCheck("today-token", "today", ["response"]),
  permissionCheck("today", "show", ["response"], [{ days: [today, (today + 1) % 7] }]),
  httpIn("in-other-day", "/other-day", "other-token"),
  tokenCheck("other-token", "other-day", ["response"]),
  permissionCheck("other-day", "show", ["response"], [{ days: [(today + 3) % 7] }]),
  httpIn("in-observe", "/observe", "observe"),
  permissionCheck("observe", "show", ["response"], [{}], { observe: true }),
  ...[[], [{ path: "orders" }], [{ methods: ["get"] }], [{ from: "25:00" }]].flatMap((wrong, i) => [
    httpIn(`in-wrong-${i}`, `/wrong/${i}`, `wrong-${i}`),
    permissionCheck(`wrong-${i}`, "show", ["response"], wrong),
  ]),
  httpIn("in-wrong-4", "/wrong/4", "wrong-4"),
  permissionCheck("wrong-4", "show", ["response"], [{}], { timeZone: "Nowhere" }),
];

describe("permission-check in a flow", function () {
  this.timeout(60_000);
  let folder: string;
  let nodeRed: NodeRed;
  let keys: ReadonlyMap<string, string>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-permission-"));
    keys = await seedStore(folder, {
      keys: [
        { name: "reader", scopes: ["orders:read"] },
        { name: "writer", scopes: ["orders:read", "orders:write"] },
        { name: "suspended", scopes: ["orders:read", "suspended"] },
        { name: "deleter", scopes: ["orders:delete"], kind: "client" },
        { name: "sandbox", scopes: ["orders:delete"], environment: "sandbox" },
      ],
      users: [{ name: "alice", password: "correct horse", scopes: ["orders:read"] }],
    });
    nodeRed = await startNodeRed({ flows: [...flows, keyStore(folder)] });
  });

  after(async () => {
    await nodeRed?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const token = (name: string) => ({ "x-auth-token": keys.get(name) ?? "" });
  const bearer = (name: string) => ({ authorization: `Bearer ${keys.get(name)}` });

  async function ask(method: string, path: string, headers: Record<string, string> = {}) {
    const answer = await fetch(`${nodeRed.url}${path}`, { method, headers, signal: AbortSignal.timeout(10_000) });
    return { status: answer.status, challenge: answer.headers.get("www-authenticate"), text: await answer.text() };
  }

  it("lets those through who may, with what the check before it found out", async () => {
    const { status, text } = await ask("GET", "/api/orders/7", token("reader"));
    assert.equal(status, 200);
    const { auth } = JSON.parse(text);
    assert.deepEqual(
      [auth.name, auth.keyKind, auth.methods],
      ["reader", "server", ["x-auth-token-check", "permission-check"]],
    );
    assert.equal((await ask("POST", "/api/orders", token("writer"))).status, 200);
    assert.equal((await ask("HEAD", "/api/orders", token("reader"))).status, 200);
    assert.equal((await ask("DELETE", "/api/orders/7", token("deleter"))).status, 200);
  });

  it("refuses those who may not, with a finished 403 that does not say why", async () => {
    const refusals = [
      await ask("POST", "/api/orders", token("reader")),
      await ask("GET", "/api/orders/7", token("suspended")),
      await ask("DELETE", "/api/orders/7", token("sandbox")),
      await ask("DELETE", "/api/orders/7/lines", token("deleter")),
      await ask("GET", "/api/internal/x", token("writer")),
      await ask("GET", "/api/server", token("deleter")),
      await ask("GET", "/api/users", token("writer")),
      await ask("GET", "/api/unknown", token("writer")),
    ];
    assert.deepEqual(new Set(refusals.map(({ status }) => status)), new Set([403]));
    assert.equal(new Set(refusals.map(({ text }) => text)).size, 1);
    assert.deepEqual(new Set(refusals.map(({ challenge }) => challenge)), new Set([null]));
  });

  it("names the scope to those who came with a Bearer token, and a Bearer challenge to nobody else", async () => {
    assert.equal((await ask("GET", "/api/orders", bearer("reader"))).status, 200);
    const { status, challenge } = await ask("POST", "/api/orders", bearer("reader"));
    assert.equal(status, 403);
    assert.equal(challenge, 'Bearer realm="api", error="insufficient_scope", scope="orders:write orders:read"');
    assert.equal((await ask("GET", "/api/server", bearer("deleter"))).challenge, null);
  });

  it("tells keys from users", async () => {
    const alice = { authorization: formatBasic("alice", "correct horse") };
    assert.equal((await ask("GET", "/api/users", alice)).status, 200);
    assert.equal((await ask("GET", "/api/server", alice)).status, 403);
    assert.equal((await ask("GET", "/api/server", token("reader"))).status, 200);
  });

  it("refuses those whom no check let in, whatever the message says, and leaves missing credentials to the checks for them", async () => {
    assert.equal((await ask("GET", "/nobody")).status, 403);
    assert.equal((await ask("GET", "/forged")).status, 403);
    assert.equal((await ask("GET", "/api/orders")).status, 401);
  });

  it("denies paths that could be read in two ways", async () => {
    for (const path of [
      "/api/Internal/x",
      "/api//internal/x",
      "/api/orders%2f7",
      "/api/orders;x/7",
      "/api/orders/%252e",
    ]) {
      assert.equal((await ask("GET", path, token("writer"))).status, 403, path);
    }
  });

  it("knows the day", async () => {
    assert.equal((await ask("GET", "/today", token("reader"))).status, 200);
    assert.equal((await ask("GET", "/other-day", token("reader"))).status, 403);
  });

  it("lets through and says so while it only observes", async () => {
    const { status, text } = await ask("GET", "/observe");
    assert.equal(status, 200);
    assert.equal(JSON.parse(text).auth.observed.reason, "missing-credentials");
  });

  it("lets nobody through with rules that are none, and says so in the log", async () => {
    for (let i = 0; i < 5; i++) assert.equal((await ask("GET", `/wrong/${i}`)).status, 503, String(i));
    assert.match(nodeRed.log(), /Rule 1: "orders" is no pattern for a path/);
  });
});
