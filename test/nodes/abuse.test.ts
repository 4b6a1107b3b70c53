import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatBasic } from "../../lib/http/authorization.ts";
import { type NodeRed, startNodeRed, until } from "../harness/node-red.ts";
import { basicCheck, fn, httpIn, keyStore, node, response, tab } from "../support/flow.ts";
import { seedStore } from "../support/seed.ts";

/** More levels than a recursive copy of the message survives. */
const deep = "let deep = []; for (let i = 0; i < 200000; i++) deep = [deep]; msg.deep = deep; return msg;";

const flows = [
  tab,
  response,
  fn("nothing", "return null;"),
  // Copying the message throws: between two wires, and for a Complete or Catch node.
  httpIn("in-deep", "/deep", "deepen"),
  fn("deepen", deep, "deep"),
  basicCheck("deep", "deep-ok", ["deep-refused"]),
  fn("deep-ok", "node.warn('deep let in'); return { res: msg.res, payload: 'ok' };", "response"),
  fn("deep-refused", "node.warn('deep refused'); return { res: msg.res, payload: 'no' };", "response"),
  node("complete", "complete", { scope: ["deep", "deep-two"], uncaught: false }, ["nothing"]),
  node("catch", "catch", { scope: ["deep", "deep-two"], uncaught: false }, ["nothing"]),
  httpIn("in-deep-two", "/deep-two", "deepen-two"),
  fn("deepen-two", deep, "deep-two"),
  { ...basicCheck("deep-two", "deep-ok", ["deep-refused"]), wires: [["deep-ok", "nothing"], ["deep-refused"]] },
];

describe("what callers and flows do that nobody meant", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-abuse-"));
    await seedStore(folder, { users: [{ name: "alice", password: "correct horse" }] });
    nodeRed = await startNodeRed({ flows: [...flows, keyStore(folder)] });
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

  it("sends a message on once, whatever its Complete and Catch nodes make of it", async () => {
    for (const path of ["/deep", "/deep-two"]) {
      const seen = nodeRed.log().length;
      assert.deepEqual(await get(path, alice), { status: 200, text: "ok" });
      await until(() => /Maximum call stack/.test(nodeRed.log().slice(seen)), 2000);
      assert.doesNotMatch(nodeRed.log().slice(seen), /deep refused/);
      assert.ok(nodeRed.alive());
    }
  });
});
