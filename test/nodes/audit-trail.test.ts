import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyFiles } from "../../lib/audit/verify-files.ts";
import { type NodeRed, startNodeRed, until } from "../harness/node-red.ts";
import { basicCheck, fn, httpIn, ipCheck, keyStore, response, tab, tokenCheck } from "../support/flow.ts";
import { seedStore } from "../support/seed.ts";

const encoded = (user: string, password: string) => Buffer.from(`${user}:${password}`).toString("base64");
const audit = { auditFile: "audit.jsonl", auditMegabytes: 10, auditKeep: 10 };

function flows(folder: string) {
  return [
    tab,
    response,
    fn("ok", "msg.payload = 'ok'; return msg;", "response"),
    httpIn("in-token", "/token", "token"),
    tokenCheck("token", "ok", ["response"]),
    httpIn("in-basic", "/basic", "basic"),
    basicCheck("basic", "ok", ["response"]),
    httpIn("in-ip", "/ip", "ip"),
    ipCheck("ip", "ok", ["response"], { allow: "10.0.0.0/8" }),
    httpIn("in-strict", "/strict", "strict"),
    tokenCheck("strict", "ok", ["response"], { store: "strict-store" }),
    httpIn("in-twin", "/twin", "twin"),
    tokenCheck("twin", "ok", ["response"], { store: "twin-store" }),
    keyStore(folder, audit),
    { ...keyStore(folder, { ...audit, auditFile: "strict.jsonl", auditRequired: true }), id: "strict-store" },
    { ...keyStore(folder, { ...audit, auditRequired: true }), id: "twin-store" },
  ];
}

describe("the audit trail of a store in Node-RED", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed;
  let key: string;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-trail-"));
    const texts = await seedStore(folder, {
      keys: [{ name: "one" }],
      users: [{ name: "alice", password: "correct horse" }],
    });
    key = texts.get("one") ?? "";
    nodeRed = await startNodeRed({ flows: flows(folder), env: {} });
  });
  after(async () => {
    await nodeRed?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name = "audit.jsonl") => join(nodeRed.userDir, name);
  const text = (name?: string) => (existsSync(file(name)) ? readFileSync(file(name), "utf8") : "");
  const events = (name?: string) =>
    text(name)
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const get = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`${nodeRed.url}${path}`, { headers })).status;

  it("has a line for each decision, with escaped texts and without a secret", async () => {
    const basic = (user: string, password: string) => ({ authorization: `Basic ${encoded(user, password)}` });
    assert.equal(await get(`/token?key=${key}`, { "x-auth-token": key }), 200);
    await get("/basic", basic("alice", "hunter2-typo"));
    await get("/basic", basic("correct horse battery staple", "alice"));
    await get("/basic", basic("\u001b[31malice", "x"));
    await get("/basic", basic("a\u202eb", "x"));
    await get("/basic", basic("n".repeat(4096), "x"));
    await get("/ip", { "user-agent": "u".repeat(8000), "x-request-id": 'req-1"}{', "x-forwarded-for": "6.6.6.6" });
    await until(() => events().some(({ node }) => node === "ip"), 5000);
    assert.ok(events().filter(({ node }) => node === "basic").length === 5);
    assert.doesNotMatch(text().replaceAll("\n", ""), /[\p{C}\p{Zl}\p{Zp}]/u);
    for (const line of text().split("\n")) assert.ok(Buffer.byteLength(line) < 2048);
    const secrets = [key, "hunter2-typo", "horse", "6.6.6.6", encoded("alice", "hunter2-typo"), "req-1"];
    for (const secret of secrets) assert.equal(text().includes(secret), false, secret);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.equal((await verifyFiles([file()])).ok, true);
  });

  it("holds a flood to a bound and counts it, while others are served", async () => {
    const flood = Array.from({ length: 1000 }, () => get("/ip"));
    const served = await Promise.all([...flood.slice(0, 1), get("/token", { "x-auth-token": key })]);
    assert.deepEqual(served, [403, 200]);
    await Promise.all(flood);
    const seen = () => events().filter(({ node }) => node === "ip").length;
    assert.ok(seen() <= 60, `${seen()} lines`);
    // A deploy ends the window.
    await nodeRed.deploy(flows(folder));
    await until(() => events().some(({ event }) => event === "access.summary"), 5000);
    const counted = events()
      .filter(({ event, result }) => event === "access.summary" && result === "rejected")
      .reduce((sum, { count }) => sum + count, 0);
    const written = events().filter(({ event }) => event === "access.rejected").length;
    assert.equal(written + counted, 6 + 1000);
    assert.equal((await verifyFiles([file()])).ok, true);
  });

  it("lets nobody in without an audit trail, where the store asks for that, and everybody again with one", async () => {
    await until(async () => (await get("/strict", { "x-auth-token": key })) === 200, 5000);
    rmSync(file("strict.jsonl"));
    mkdirSync(file("strict.jsonl"));
    await get("/strict", { "x-auth-token": key });
    const refused = await until(async () => (await get("/strict", { "x-auth-token": key })) === 503, 5000);
    assert.ok(refused);
    assert.match(nodeRed.log(), /the audit trail cannot be written to strict\.jsonl/);
    assert.equal(await get("/token", { "x-auth-token": key }), 200);
    rmdirSync(file("strict.jsonl"));
    assert.ok(await until(async () => (await get("/strict", { "x-auth-token": key })) === 200, 10_000));
    assert.ok(events("strict.jsonl").some(({ reason }) => reason === "audit-unavailable"));
  });

  it("takes no file that another store writes to", async () => {
    assert.equal(await get("/twin", { "x-auth-token": key }), 503);
    assert.match(nodeRed.log(), /another key store writes its audit trail/);
  });
});
