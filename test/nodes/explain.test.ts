import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NodeRed, startNodeRed } from "../harness/node-red.ts";
import { basicCheck, fn, httpIn, ipCheck, keyStore, response, tab, tokenCheck } from "../support/flow.ts";
import { seedStore } from "../support/seed.ts";

const bearer = { carriers: [{ in: "header", name: "authorization", scheme: "Bearer" }], scopes: ["write"] };
const network = { id: "network", type: "network-config", name: "", version: 1, trusted: "10.0.0.1" };

const flows = [
  tab,
  response,
  fn("ok", "msg.payload = 'ok'; return msg;", "response"),
  httpIn("in-token", "/token", "token"),
  tokenCheck("token", "ok", ["response"]),
  httpIn("in-bearer", "/bearer", "bearer"),
  tokenCheck("bearer", "ok", ["response"], bearer),
  httpIn("in-query", "/query", "query"),
  tokenCheck("query", "ok", ["response"], { carriers: [{ in: "query", name: "token", scheme: "" }] }),
  httpIn("in-basic", "/basic", "basic"),
  basicCheck("basic", "ok", ["response"]),
  httpIn("in-ip", "/ip", "ip"),
  ipCheck("ip", "ok", ["response"], { allow: "192.168.0.0/16", network: "network" }),
  httpIn("in-observe", "/observe", "observe"),
  tokenCheck("observe", "ok", ["response"], { observe: true }),
  httpIn("in-gone", "/gone", "gone"),
  tokenCheck("gone", "ok", ["response"], { store: "gone-store" }),
  { ...network, header: "x-forwarded-for", withoutHeader: "refuse", allTrusted: "refuse" },
];

describe("counts and explanations of checks", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed;
  let key: string;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-explain-"));
    const texts = await seedStore(folder, {
      keys: [{ name: "one", scopes: ["read"] }],
      users: [{ name: "alice", password: "correct horse" }],
    });
    key = texts.get("one") ?? "";
    nodeRed = await startNodeRed({ flows: [...flows, keyStore(folder)] });
  });
  after(async () => {
    await nodeRed?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`${nodeRed.url}${path}`, { headers })).status;

  async function ask(method: string, path: string, body?: object, user: "rw" | "ro" = "rw") {
    const answer = await fetch(`${nodeRed.adminUrl}/gatehouse/${path}`, {
      method,
      headers: { authorization: `Bearer ${await nodeRed.adminToken(user)}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    // biome-ignore lint/suspicious/noExplicitAny: an answer's members are what the tests look at.
    return { status: answer.status, text, json: (text.startsWith("{") ? JSON.parse(text) : undefined) as any };
  }
  const explain = async (body: object) => (await ask("POST", "explain", body)).json;

  it("counts by reason what each check let in, refused, and would have refused", async () => {
    for (const token of [key, key, "wrong"]) await get("/token", { "x-auth-token": token });
    await get("/token");
    await get("/observe");
    await get("/gone");
    const { json } = await ask("GET", "checks", undefined, "ro");
    const of = (id: string) => json.items.find((item: { id: string }) => item.id === id);
    const { since, ...token } = of("token");
    assert.ok(Date.parse(since) <= Date.now());
    const about = { id: "token", type: "x-auth-token-check", name: "token", flow: "tab", observe: false };
    const rejected = { unknown: 1, "missing-credentials": 1 };
    assert.deepEqual(token, { ...about, accepted: 2, rejected, observed: {} });
    assert.deepEqual([of("observe").accepted, of("observe").observed], [0, { "missing-credentials": 1 }]);
    assert.equal(of("gone").lastFault.reason, "misconfigured");
    assert.deepEqual(of("gone").rejected, { misconfigured: 1 });
  });

  it("explains who would be let in, and why", async () => {
    const { check, steps, decision } = await explain({ node: "token", key, address: "192.0.2.1" });
    assert.deepEqual(check, { id: "token", type: "x-auth-token-check", name: "token", observe: false });
    assert.deepEqual(
      steps.map(({ step }: { step: string }) => step),
      ["request", "address", "lookup", "credentials"],
    );
    assert.deepEqual(steps[0].headers, ["x-auth-token"]);
    assert.deepEqual(steps[1], { step: "address", address: "192.0.2.1", addressFrom: "socket" });
    assert.equal(steps[2].state, "active");
    assert.deepEqual(steps[3].found, [{ in: "header", name: "x-auth-token" }]);
    assert.equal(decision.principal.name, "one");
  });

  it("explains who would be refused, and for what", async () => {
    assert.deepEqual((await explain({ node: "bearer", key })).decision, {
      accepted: false,
      status: 403,
      reason: "scope-missing",
      detail: "scope write is missing",
      id: (await explain({ node: "token", key })).decision.principal.id,
    });
    assert.equal((await explain({ node: "token" })).decision.reason, "missing-credentials");
    const headers = [
      ["host", "a"],
      ["host", "b"],
    ];
    assert.equal((await explain({ node: "token", headers })).decision.reason, "malformed-request");
    assert.equal((await explain({ node: "gone", key })).status, 409);
  });

  it("explains how the address was found", async () => {
    const headers = [["x-forwarded-for", "192.168.1.2"]];
    const { steps, decision } = await explain({ node: "ip", address: "10.0.0.1", headers });
    assert.deepEqual(steps[1], {
      step: "address",
      address: "192.168.1.2",
      addressFrom: "header",
      hops: 1,
      peer: "10.0.0.1",
    });
    assert.deepEqual(decision, { accepted: true, address: "192.168.1.2" });
    assert.equal((await explain({ node: "ip", address: "192.168.1.2" })).decision.accepted, true);
  });

  it("takes users and keys by Basic, and echoes no credential", async () => {
    const wrong = await ask("POST", "explain", { node: "basic", user: "alice", password: "hunter2-typo" });
    assert.equal(wrong.json.decision.reason, "secret-mismatch");
    const swapped = await ask("POST", "explain", { node: "basic", user: "horse-battery", password: "alice" });
    const right = await ask("POST", "explain", { node: "basic", user: "alice", password: "correct horse" });
    assert.equal(right.json.decision.principal.id, "alice");
    const byKey = await ask("POST", "explain", { node: "basic", key });
    assert.equal(byKey.json.decision.principal.kind, "key");
    for (const { text } of [wrong, swapped, right, byKey]) {
      for (const secret of [key, "hunter2", "horse"]) assert.equal(text.includes(secret), false);
    }
  });

  it("counts no failure, whatever is tried out", async () => {
    const before = (await ask("GET", "checks")).text;
    for (let i = 0; i < 40; i++) await explain({ node: "token", key: "wrong" });
    assert.equal((await ask("GET", "checks")).text, before);
    assert.equal(await get("/token", { "x-auth-token": "wrong" }), 401);
    assert.equal(await get("/basic", { authorization: `Basic ${btoa("alice:correct horse")}` }), 200);
  });

  it("refuses what it cannot try out", async () => {
    assert.equal((await ask("POST", "explain", { node: "nothing" })).status, 404);
    assert.equal((await ask("POST", "explain", { node: "query", key })).status, 422);
    assert.equal((await ask("POST", "explain", { node: "token", user: "a", password: "b" })).status, 422);
    assert.equal((await ask("POST", "explain", { node: "basic", user: "a\n", password: "b" })).status, 422);
    assert.equal((await ask("POST", "explain", { node: "token" }, "ro")).status, 401);
  });
});
