import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatBasic } from "../../lib/http/authorization.ts";
import { type NodeRed, startNodeRed, until } from "../harness/node-red.ts";
import { basicCheck, fn, httpIn, keyStore, node, response, tab, tokenCheck } from "../support/flow.ts";
import { seedStore, testMasterKey } from "../support/seed.ts";

const inQuery = { carriers: [{ in: "query", name: "token", scheme: "" }] };
/** More levels than a recursive copy of the message survives. */
const deep = "let deep = []; for (let i = 0; i < 200000; i++) deep = [deep]; msg.deep = deep; return msg;";

function fixed(slot: number, type: "key" | "user", name: string) {
  const conditions = { environment: "production", scopes: [], addresses: [], expiresAt: "", disabled: false };
  return { type, source: "environment", slot, id: "AAAAAAAAAAA1", name, ...conditions };
}

const unset = "$(GATEHOUSE_TEST_UNSET)";
const entries = [fixed(0, "key", "token"), fixed(1, "user", "mike")];
const fixedStore = { ...keyStore("", { backend: "credentials", entries }), id: "fixed" };
const credentials = { fixed: { masterKey: testMasterKey, secret0: unset, secret1: unset } };

const flows = [
  tab,
  response,
  fn("nothing", "return null;"),
  fn("show", "msg.payload = { payload: msg.payload, query: msg.req.query }; return msg;", "response"),
  // Node-RED gives the first of two nodes the message itself and the second one a copy.
  httpIn("in-copy", "/copy", "nothing", "copy"),
  tokenCheck("copy", "show", ["response"], inQuery),
  httpIn("in-copy-or", "/copy-or", "nothing", "copy-or"),
  tokenCheck("copy-or", "show", ["copy-or-basic"], inQuery),
  basicCheck("copy-or-basic", "show", ["response"]),
  httpIn("in-fixed", "/fixed", "fixed-token"),
  tokenCheck("fixed-token", "response", ["fixed-basic"], { store: "fixed" }),
  basicCheck("fixed-basic", "response", ["response"], { store: "fixed" }),
  httpIn("in-stranger", "/stranger", "stranger", "response"),
  fn("stranger", "return { req: {}, res: { _res: {} }, payload: 'from a websocket' };", "unwired"),
  tokenCheck("unwired", "show", []),
  // Copying the message throws: between two wires, and for a Complete or Catch node.
  httpIn("in-deep", "/deep", "deepen"),
  fn("deepen", deep, "deep"),
  basicCheck("deep", "deep-ok", ["deep-refused"]),
  fn("deep-ok", "node.warn('deep let in'); return { res: msg.res, payload: 'ok' };", "response"),
  fn("deep-refused", "node.warn('deep refused'); return { res: msg.res, payload: 'no' };", "response"),
  httpIn("in-manage", "/manage", "deepen-manage"),
  fn("deepen-manage", deep.replace("return msg", "msg.payload = {}; return msg"), "manage"),
  node("manage", "key-manage", { version: 1, store: "store", operation: "list", subject: "key" }, ["response"], []),
  node("complete", "complete", { scope: ["deep", "deep-two", "manage"], uncaught: false }, ["nothing"]),
  node("catch", "catch", { scope: ["deep", "deep-two"], uncaught: false }, ["nothing"]),
  httpIn("in-deep-two", "/deep-two", "deepen-two"),
  fn("deepen-two", deep, "deep-two"),
  { ...basicCheck("deep-two", "deep-ok", ["deep-refused"]), wires: [["deep-ok", "nothing"], ["deep-refused"]] },
];

describe("what callers and flows do that nobody meant", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed;
  let folder: string;
  let key: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-abuse-"));
    const users = [{ name: "alice", password: "correct horse" }];
    const texts = await seedStore(folder, { keys: [{ name: "one" }], users });
    key = texts.get("one") ?? "";
    nodeRed = await startNodeRed({ flows: [...flows, keyStore(folder), fixedStore], credentials });
  });

  after(async () => {
    await nodeRed?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function get(path: string, headers: Record<string, string> = {}) {
    const answer = await fetch(`${nodeRed.url}${path}`, { headers, signal: AbortSignal.timeout(5000) });
    return { status: answer.status, text: await answer.text() };
  }

  const alice = { authorization: formatBasic("alice", "correct horse") };

  it("hides a token of the query from a copy of the payload too", async () => {
    const { status, text } = await get(`/copy?a=1&token=${key}`);
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), { payload: { a: "1" }, query: { a: "1" } });
  });

  it("hides tokens of the query that were refused, however often they were sent", async () => {
    const { status, text } = await get("/copy-or?a=1&token=x&token=y", alice);
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), { payload: { a: "1" }, query: { a: "1" } });
  });

  it("drops a message of a stranger whose response is none", async () => {
    assert.equal((await get("/stranger")).status, 200);
    assert.equal(await until(() => /x-auth-token-check:unwired/.test(nodeRed.log()), 200), false);
  });

  it("takes the name of a variable that is not set for no secret, in either spelling", async () => {
    assert.equal((await get("/fixed", { "x-auth-token": unset })).status, 401);
    assert.equal((await get("/fixed", { authorization: formatBasic("mike", unset) })).status, 401);
    assert.match(nodeRed.log(), /variable \$\(GATEHOUSE_TEST_UNSET\) is not set/);
  });

  it("sends a message on once, whatever its Complete and Catch nodes make of it", async () => {
    for (const path of ["/deep", "/deep-two"]) {
      const seen = nodeRed.log().length;
      assert.deepEqual(await get(path, alice), { status: 200, text: "ok" });
      await until(() => /Maximum call stack/.test(nodeRed.log().slice(seen)), 2000);
      assert.doesNotMatch(nodeRed.log().slice(seen), /deep refused/);
      assert.ok(nodeRed.alive());
    }
  });

  it("goes on when the message of an operation on the store cannot be copied", async () => {
    assert.equal((await get("/manage")).status, 200);
    assert.match(nodeRed.log(), /key-manage:manage\] .*Maximum call stack/);
    assert.ok(nodeRed.alive());
  });
});
