import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatBasic } from "../../lib/http/authorization.ts";
import { type NodeRed, startNodeRed } from "../harness/node-red.ts";
import { basicCheck, fn, httpIn, ipCheck, keyStore, node, response, tab, tokenCheck } from "../support/flow.ts";
import { seedStore } from "../support/seed.ts";

const showAuth =
  "msg.payload = { auth: msg.auth, payload: msg.payload, statusCode: msg.statusCode, headers: msg.req.headers, rawHeaders: msg.req.rawHeaders, url: msg.req.url, query: msg.req.query }; return msg;";
const inQuery = { carriers: [{ in: "query", name: "token", scheme: "" }] };

const flows = [
  tab,
  response,
  fn("show", showAuth, "response"),
  httpIn("in-plain", "/plain", "plain"),
  tokenCheck("plain", "show", ["response"]),
  httpIn("in-and", "/and", "and-ip"),
  ipCheck("and-ip", "and-token", ["response"]),
  tokenCheck("and-token", "show", ["response"]),
  httpIn("in-or", "/or", "or-before"),
  fn(
    "or-before",
    "msg.payload = {kept: true}; msg.headers = {'x-kept': 'yes'}; msg.statusCode = 207; return msg;",
    "or-token",
  ),
  tokenCheck("or-token", "show", ["or-basic"]),
  basicCheck("or-basic", "show", ["response"]),
  httpIn("in-or-ip", "/or-ip", "or-ip-token"),
  tokenCheck("or-ip-token", "show", ["or-ip"]),
  ipCheck("or-ip", "show", ["response"], { allow: "127.0.0.0/8" }),
  httpIn("in-unwired", "/unwired", "unwired"),
  tokenCheck("unwired", "show", []),
  httpIn("in-observe", "/observe", "observe"),
  tokenCheck("observe", "show", ["response"], { observe: true }),
  httpIn("in-open", "/open", "open"),
  tokenCheck("open", "show", ["response"], { hideCredentials: false }),
  httpIn("in-query", "/query", "query"),
  tokenCheck("query", "show", ["response"], inQuery),
  httpIn("in-cookie", "/cookie", "cookie"),
  tokenCheck("cookie", "show", ["response"], { carriers: [{ in: "cookie", name: "session", scheme: "" }] }),
  httpIn("in-cookie-and", "/cookie-and", "cookie-first"),
  tokenCheck("cookie-first", "cookie-then", ["response"], {
    carriers: [{ in: "cookie", name: "session", scheme: "" }],
  }),
  basicCheck("cookie-then", "show", ["response"]),
  // Two branches share one request: the one passes a key check, the other forges what that leaves in the message.
  httpIn("in-branches", "/branches", "branch-token", "branch-forger"),
  tokenCheck("branch-token", "", []),
  fn(
    "branch-forger",
    "msg.auth = {kind: 'key', id: 'forged', scopes: ['admin']}; msg._gatehouse = 'forged'; setTimeout(() => node.send(msg), 100);",
    "branch-ip",
  ),
  ipCheck("branch-ip", "show", ["response"], { allow: "127.0.0.0/8" }),
  httpIn("in-forged", "/forged", "forger"),
  fn(
    "forger",
    "msg.req = {headers: msg.req.headers, rawHeaders: msg.req.rawHeaders, socket: {remoteAddress: '127.0.0.1'}, url: '/', method: 'GET'}; return msg;",
    "plain",
  ),
  httpIn("in-forged-unwired", "/forged-unwired", "forger-unwired"),
  fn("forger-unwired", "msg.req = {...msg.req}; return msg;", "unwired"),
  httpIn("in-override", "/override", "override"),
  tokenCheck("override", "show", ["response-200"]),
  node("response-200", "http response", { statusCode: "200" }),
  httpIn("in-no-store", "/no-store", "no-store"),
  tokenCheck("no-store", "show", ["response"], { store: "gone" }),
  httpIn("in-bad-list", "/bad-list", "bad-list"),
  ipCheck("bad-list", "show", ["response"], { allow: "10.0.0.0/8\n10.0.0.0/33" }),
  httpIn("in-throws", "/throws", "throws"),
  basicCheck("throws", "show", ["response"], { store: "broken" }),
];

describe("checks in a flow", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed;
  let key: string;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-wiring-"));
    const texts = await seedStore(folder, {
      keys: [{ name: "one", scopes: ["read"], metadata: { customer: "7" } }],
      users: [{ name: "alice", password: "correct horse" }],
    });
    key = texts.get("one") ?? "";
    writeFileSync(join(folder, "no-folder"), "");
    const broken = { ...keyStore(join(folder, "no-folder")), id: "broken" };
    nodeRed = await startNodeRed({ flows: [...flows, keyStore(folder), broken] });
  });

  after(async () => {
    await nodeRed.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function get(path: string, headers: Record<string, string> = {}) {
    const answer = await fetch(`${nodeRed.url}${path}`, { headers, signal: AbortSignal.timeout(5000) });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) };
  }

  const basic = (password: string) => ({ authorization: formatBasic("alice", password) });

  it("lets a known caller in and says who it is", async () => {
    const { status, json } = await get("/plain", { "x-auth-token": key });
    assert.equal(status, 200);
    const { auth } = json();
    assert.equal(auth.method, "x-auth-token-check");
    assert.equal(auth.kind, "key");
    assert.equal(auth.name, "one");
    assert.equal(auth.environment, "production");
    assert.deepEqual(auth.scopes, ["read"]);
    assert.deepEqual(auth.metadata, { customer: "7" });
  });

  it("refuses an unknown caller with a finished answer", async () => {
    const { status, headers, json } = await get("/plain");
    assert.equal(status, 401);
    assert.equal(headers.get("www-authenticate"), 'ApiKey realm="api"');
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(headers.get("content-type") ?? "", /^application\/problem\+json\b/);
    assert.equal(json().status, 401);
  });

  it("sends the problem as it is, not as a script, whatever the query asks for", async () => {
    const { headers, json } = await get("/plain?callback=alert");
    assert.match(headers.get("content-type") ?? "", /^application\/problem\+json\b/);
    assert.equal(json().status, 401);
  });

  it("hides the credential from the flow in both forms of the headers", async () => {
    const { json } = await get("/plain", { "x-auth-token": key, "x-other": "1" });
    assert.equal(json().headers["x-auth-token"], undefined);
    assert.equal(json().headers["x-other"], "1");
    assert.equal(json().rawHeaders.includes(key), false);
    assert.equal(json().rawHeaders.includes("x-other"), true);
    assert.equal((await get("/open", { "x-auth-token": key })).json().headers["x-auth-token"], key);
  });

  it("hides a token from the query and keeps the rest of it", async () => {
    const answer = await get(`/query?a=1&token=${key}&b=2`);
    const { url, query, payload } = answer.json();
    assert.equal(url, "/query?a=1&b=2");
    assert.deepEqual(query, { a: "1", b: "2" });
    assert.deepEqual(payload, { a: "1", b: "2" });
    assert.equal(answer.headers.get("cache-control"), "private");
    assert.equal((await get("/query?token=x")).status, 401);
  });

  it("hides a token from the cookies and keeps the others", async () => {
    const { json } = await get("/cookie", { cookie: `a=1; session=${key}; b=2` });
    assert.equal(json().headers.cookie, "a=1; b=2");
    assert.equal(JSON.stringify(json()).includes(key), false);
  });

  it("hides what each of several checks read, whatever it was carried by", async () => {
    const { json } = await get("/cookie-and", { cookie: `a=1; session=${key}`, ...basic("correct horse") });
    assert.deepEqual(json().auth.methods, ["x-auth-token-check", "basic-auth-check"]);
    assert.equal(JSON.stringify(json()).includes(key), false);
    assert.equal(JSON.stringify(json()).includes("Basic "), false);
    assert.equal(json().headers.cookie, "a=1");
  });

  it("asks for both when checks follow each other by the first output", async () => {
    assert.equal((await get("/and")).status, 401);
    const { auth } = (await get("/and", { "x-auth-token": key })).json();
    assert.deepEqual(auth.methods, ["ip-allowlist", "x-auth-token-check"]);
    assert.equal(auth.address, "127.0.0.1");
    assert.equal(auth.name, "one");
  });

  it("asks for one of both when checks follow each other by the second output", async () => {
    assert.equal((await get("/or", { "x-auth-token": key })).status, 207);
    assert.equal((await get("/or", basic("correct horse"))).status, 207);
    const refused = await get("/or");
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get("www-authenticate"), 'ApiKey realm="api", Basic realm="api", charset="UTF-8"');
  });

  it("gives the message back as it was when a later check accepts", async () => {
    const { headers, json } = await get("/or", { ...basic("correct horse"), "x-auth-token": "wrong" });
    assert.deepEqual(json().payload, { kept: true });
    assert.equal(json().statusCode, 207);
    assert.equal(headers.get("x-kept"), "yes");
    assert.equal(headers.get("www-authenticate"), null);
    assert.equal(headers.get("cache-control"), null);
    assert.equal(json().auth.rejected, undefined);
    assert.equal(json().auth.name, "alice");
  });

  it("gives a refused credential back to the flow when a later check accepts", async () => {
    const { json } = await get("/or-ip", { "x-auth-token": "for-the-backend" });
    assert.equal(json().headers["x-auth-token"], "for-the-backend");
    assert.equal(json().rawHeaders.includes("for-the-backend"), true);
  });

  it("answers by itself when nothing is wired to the second output", async () => {
    const { status, headers, json } = await get("/unwired");
    assert.equal(status, 401);
    assert.equal(headers.get("www-authenticate"), 'ApiKey realm="api"');
    assert.equal(json().status, 401);
    assert.equal((await get("/unwired", { "x-auth-token": key })).status, 200);
  });

  it("lets everybody pass while it observes, and says what would have been", async () => {
    const { status, json } = await get("/observe", { "x-auth-token": "wrong" });
    assert.equal(status, 200);
    assert.equal(json().auth.observed.reason, "unknown");
    assert.equal(json().auth.observed.status, 401);
    assert.equal(json().auth.kind, undefined);
    assert.equal((await get("/observe", { "x-auth-token": key })).json().auth.name, "one");
  });

  it("gives one branch of a flow nothing of what the other proved", async () => {
    const { json } = await get("/branches", { "x-auth-token": key });
    assert.deepEqual(json().auth, { method: "ip-allowlist", methods: ["ip-allowlist"], address: "127.0.0.1" });
  });

  it("refuses a message whose request is not a real one", async () => {
    const { status, json } = await get("/forged", { "x-auth-token": key });
    assert.equal(status, 400);
    assert.equal(json().status, 400);
    assert.equal((await get("/forged-unwired", { "x-auth-token": key })).status, 400);
  });

  it("lets nobody in without its store, and says so at the deploy", async () => {
    assert.equal((await get("/no-store", { "x-auth-token": key })).status, 503);
    assert.match(nodeRed.log(), /key store missing or disabled/);
  });

  it("lets nobody in while its store is broken, tells the caller nothing of it and the log everything", async () => {
    const { status, headers, text } = await get("/throws", basic("correct horse"));
    assert.equal(status, 503);
    assert.ok(Number(headers.get("retry-after")) > 0);
    assert.doesNotMatch(text, /no-folder/);
    assert.match(nodeRed.log(), /no-folder/);
  });

  it("lets nobody in with a list that cannot be read, and names the line", async () => {
    assert.equal((await get("/bad-list")).status, 503);
    assert.match(nodeRed.log(), /line 2/i);
  });

  it("points out an answer that would override a refusal", () => {
    assert.match(nodeRed.log(), /response-200.*own status 200/);
  });

  it("prints no credential", () => {
    assert.equal(nodeRed.log().includes(key), false);
  });
});
