import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatBasic } from "../../lib/http/authorization.ts";
import { type FlowNode, type NodeRed, startNodeRed, until } from "../harness/node-red.ts";
import { basicCheck, fn, httpIn, ipCheck, keyStore, node, response, tab, tokenCheck } from "../support/flow.ts";
import { seedStore } from "../support/seed.ts";

type Event = Readonly<Record<string, unknown>>;

function authEvents(id: string, more: Readonly<Record<string, unknown>>): FlowNode {
  const none = { accepted: false, rejected: false, observed: false, changes: false, denied: false };
  const config = { version: 1, ...none, reasons: [], check: "", store: "", every: 1, within: 60, perMinute: 60 };
  return node(id, "auth-events", { ...config, expiryDays: 0, ...more }, [`${id}-log`]);
}

/** Prints each event, so that the test finds it in the log. */
function printer(id: string): FlowNode {
  return fn(`${id}-log`, `node.warn("${id} " + JSON.stringify(msg.payload)); return null;`);
}

const all = { accepted: true, rejected: true, observed: true, changes: true, denied: true };
const listeners: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  all,
  reasons: { rejected: true, reasons: ["secret-mismatch"] },
  one: { ...all, check: "ip" },
  third: { rejected: true, check: "flooded", every: 3 },
  few: { rejected: true, check: "flooded", perMinute: 5 },
  soon: { expiryDays: 30 },
};

const flows = [
  tab,
  response,
  fn("ok", "msg.payload = 'ok'; return msg;", "response"),
  httpIn("in-token", "/token", "token"),
  tokenCheck("token", "ok", ["response"]),
  httpIn("in-basic", "/basic", "basic"),
  basicCheck("basic", "ok", ["response"]),
  httpIn("in-ip", "/ip", "ip"),
  ipCheck("ip", "ok", ["response"], { allow: "10.0.0.0/8" }),
  httpIn("in-observe", "/observe", "observe"),
  tokenCheck("observe", "ok", ["response"], { observe: true }),
  httpIn("in-flooded", "/flooded", "flooded"),
  ipCheck("flooded", "ok", ["response"], { allow: "10.0.0.0/8" }),
  ...Object.entries(listeners).flatMap(([id, more]) => [authEvents(id, more), printer(id)]),
];

describe("auth-events", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed;
  let key: string;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-events-"));
    const soon = Date.now() + 10 * 86_400_000;
    const texts = await seedStore(folder, {
      keys: [{ name: "one" }, { name: "soon", expiresAt: soon }, { name: "late", expiresAt: soon * 2 }],
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
  const basic = (user: string, password: string) => ({ authorization: formatBasic(user, password) });

  function told(listener: string): readonly Event[] {
    const lines = [...nodeRed.log().matchAll(new RegExp(`\\] ${listener} (\\{.*\\})$`, "gm"))];
    return lines.map(([, json]) => JSON.parse(json as string));
  }

  async function event(listener: string, fits: (event: Event) => boolean): Promise<Event> {
    await until(() => told(listener).some(fits), 5000);
    const found = told(listener).find(fits);
    assert.ok(found, `not told:\n${nodeRed.log()}`);
    return found;
  }

  it("tells who was let in", async () => {
    assert.equal(await get("/token?secret=in-query", { "x-auth-token": key }), 200);
    const { time, ...told } = await event("all", ({ event }) => event === "access.accepted");
    assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const [, , id] = key.split("_");
    assert.deepEqual(told, {
      event: "access.accepted",
      result: "accepted",
      node: "token",
      nodeType: "x-auth-token-check",
      nodeName: "token",
      flow: "tab",
      store: "store",
      actorKind: "key",
      actor: id?.slice(0, 12),
      address: "127.0.0.1",
      addressFrom: "socket",
      method: "GET",
      path: "/token",
    });
  });

  it("tells who was refused and why: a known name in full, an unknown one as a pseudonym", async () => {
    await get("/basic", basic("alice", "hunter2-typo"));
    await get("/basic", basic("correct horse battery staple", "alice"));
    const known = await event("all", ({ node, actor }) => node === "basic" && actor === "alice");
    assert.deepEqual([known.event, known.status], ["access.rejected", 401]);
    const unknown = await event("all", ({ node, reason }) => node === "basic" && reason === "unknown");
    assert.match(String(unknown.attempted), /^hmac:[\w-]{22}$/);
    assert.equal(told("reasons").length, 1);
    for (const secret of ["hunter2-typo", "battery", "in-query", key]) assert.ok(!nodeRed.log().includes(secret));
  });

  it("tells what a check that only observes would have refused", async () => {
    assert.equal(await get("/observe", { "x-auth-token": "wrong" }), 200);
    const observed = await event("all", ({ node }) => node === "observe");
    assert.deepEqual([observed.event, observed.reason], ["access.observed", "unknown"]);
  });

  it("tells of one check only, where one is chosen", async () => {
    await get("/ip");
    await event("one", ({ node }) => node === "ip");
    assert.deepEqual([...new Set(told("one").map(({ node }) => node))], ["ip"]);
  });

  it("tells of each third refusal of an address, and of a bounded number of them", async () => {
    for (let i = 0; i < 8; i++) await get("/flooded");
    await event("third", ({ count }) => count === 3);
    await until(() => told("few").length >= 5, 5000);
    assert.deepEqual(
      told("third").map(({ count, source }) => [count, source]),
      [
        [3, "127.0.0.1"],
        [3, "127.0.0.1"],
      ],
    );
    assert.equal(told("few").length, 5);
  });

  it("reminds of what expires soon, and of nothing else", async () => {
    const due = await event("soon", ({ event }) => event === "key.expiring");
    assert.deepEqual([due.objectName, due.daysLeft, due.store], ["soon", 9, "store"]);
    assert.equal(told("soon").length, 1);
  });

  it("tells that a check was deployed with other settings, by the names of them", async () => {
    const changed = flows.map((each) => (each.id === "observe" ? { ...each, realm: "other", x: 300 } : each));
    await nodeRed.deploy([...changed, keyStore(folder)]);
    const settings = await event("all", ({ event }) => event === "settings");
    assert.deepEqual([settings.object, settings.members, settings.store], ["observe", ["realm"], "store"]);
    assert.equal(told("all").filter(({ event }) => event === "settings").length, 1);
  });

  it("tells of changes by the admin API, and of calls that it refused", async () => {
    const call = async (user: "rw" | "ro", headers: Record<string, string> = {}) => {
      const authorization = `Bearer ${await nodeRed.adminToken(user)}`;
      const answer = await fetch(`${nodeRed.adminUrl}/gatehouse/stores/store/keys`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json", ...headers },
        body: JSON.stringify({ name: "made" }),
      });
      return { status: answer.status, body: await answer.json().catch(() => undefined) };
    };
    const made = await call("rw");
    assert.equal(made.status, 201);
    const { time: _, ...change } = await event("all", ({ event }) => event === "key.create");
    assert.deepEqual(change, {
      event: "key.create",
      result: "changed",
      actorKind: "editor",
      actor: "rw",
      address: "127.0.0.1",
      addressFrom: "socket",
      object: made.body.id,
      store: "store",
      version: 1,
    });
    assert.equal((await call("ro")).status, 401);
    const denied = await event("all", ({ event, actor }) => event === "admin.denied" && actor === "ro");
    assert.deepEqual(
      [denied.result, denied.method, denied.path, denied.status],
      ["denied", "POST", "/admin/gatehouse/stores/store/keys", 401],
    );
    assert.equal((await call("rw", { origin: "https://evil.example" })).status, 403);
    await event("all", ({ event, status }) => event === "admin.denied" && status === 403);
  });
});
