import assert from "node:assert/strict";
import { StoreError } from "../../lib/errors.ts";
import { publicKey } from "../../lib/lifecycle/views.ts";
import type { RecordUse, Store } from "../../lib/store.ts";
import { keepingLastUse } from "../../nodes/key-store-config/last-use.ts";
import { openStore } from "../../stores/open.ts";
import { memoryStore } from "../harness/memory-store.ts";
import { type NodeRed, startNodeRed, until } from "../harness/node-red.ts";
import { temporaryFolder } from "../stores/temporary.ts";
import { basicCheck, fn, httpIn, keyStore, response, tab, tokenCheck } from "../support/flow.ts";
import { seedStore } from "../support/seed.ts";

const flows = [
  tab,
  response,
  fn("ok", "msg.payload = 'ok'; return msg;", "response"),
  httpIn("in-token", "/token", "token"),
  tokenCheck("token", "ok", ["response"]),
  httpIn("in-basic", "/basic", "basic"),
  basicCheck("basic", "ok", ["response"]),
];

describe("last use", function () {
  this.timeout(60_000);

  it("of keys, secrets and users is in the store when Node-RED has ended, and no version is another", async () => {
    const folder = temporaryFolder();
    const keys = await seedStore(folder, {
      keys: [{ name: "used" }, { name: "idle" }],
      users: [{ name: "alice", password: "correct horse" }],
    });
    const nodeRed: NodeRed = await startNodeRed({ flows: [...flows, keyStore(folder)] });
    const began = Date.now();
    const call = async (path: string, headers: Readonly<Record<string, string>>) =>
      (await fetch(`${nodeRed.url}${path}`, { headers })).status;
    assert.equal(await call("/token", { "x-auth-token": keys.get("used") ?? "" }), 200);
    assert.equal(await call("/basic", { authorization: `Basic ${btoa("alice:correct horse")}` }), 200);
    assert.equal(await call("/token", { "x-auth-token": `${keys.get("idle")}x` }), 401);
    await nodeRed.stop();
    await withStore(folder, async (store) => {
      const { items } = await store.list("key", { limit: 9 });
      const [used, idle] = ["used", "idle"].map((wanted) => items.find(({ name }) => name === wanted)!);
      const { lastUsedAt = "", lastUsedFrom, version, credentials } = publicKey(used!, "gh", Date.now());
      assert.ok(Date.parse(lastUsedAt) >= began && Date.parse(lastUsedAt) <= Date.now());
      assert.deepEqual([lastUsedFrom, version, credentials[0]?.lastUsedAt], ["127.0.0.1", 1, lastUsedAt]);
      assert.equal(idle!.lastUsedAt, undefined);
      assert.ok(((await store.get("user", "alice"))?.lastUsedAt ?? 0) >= began);
    });
  });

  it("is written behind in batches, again when the store is back, and at the end", async () => {
    const written: (readonly RecordUse[])[] = [];
    let fault: StoreError | undefined = new StoreError("unreachable", "away");
    let closedAfter = -1;
    const behind: Store = {
      ...memoryStore(),
      async touch(uses) {
        if (fault) throw fault;
        written.push(uses);
      },
      async close() {
        closedAfter = written.length;
      },
    };
    const { store, usage } = keepingLastUse(behind, Date.now, 5);
    for (let i = 0; i < 450; i++) usage?.note("key", `k${i}`, "d", () => "192.0.2.1");
    assert.equal(written.length, 0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    fault = undefined;
    assert.ok(await until(() => written.flat().length >= 450, 2000));
    assert.ok(written.every(({ length }) => length <= 200));
    usage?.note("user", "alice", undefined, () => "192.0.2.1");
    usage?.note("key", "k1", "d", () => "192.0.2.1");
    await store.close();
    assert.equal(closedAfter, written.length);
    assert.deepEqual(new Set(written.flat().map(({ id }) => id)).size, 451);
  });

  it("is not kept for entries of the dialog", () => {
    const store = openStore({ backend: "credentials", keys: [], users: [], now: Date.now });
    assert.deepEqual(keepingLastUse(store, Date.now), { store, usage: undefined });
  });
});

async function withStore(folder: string, body: (store: Store) => Promise<void>): Promise<void> {
  const store = openStore({ backend: "embedded", folder, now: Date.now });
  await store.ready();
  await body(store).finally(() => store.close());
}
