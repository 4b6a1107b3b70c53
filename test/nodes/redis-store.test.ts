import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKey } from "../../lib/lifecycle/keys.ts";
import type { KeyRecord } from "../../lib/records.ts";
import type { Store } from "../../lib/store.ts";
import { openStore } from "../../stores/open.ts";
import { type NodeRed, startNodeRed } from "../harness/node-red.ts";
import { httpIn, keyStore, response, tab, tokenCheck } from "../support/flow.ts";
import { hasProgram, type RedisServer, startRedis } from "../support/servers.ts";

const password = "correct horse battery staple";
const keyCount = 20;
/** Who is refused again and again has to wait. */
const refused = [401, 429];

async function until(condition: () => unknown, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    assert.ok(performance.now() < end, `not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

if (hasProgram("redis-server", "apt-get install redis-server")) {
  describe("a key store in Redis, in a flow", function () {
    this.timeout(60_000);
    let folder: string;
    let server: RedisServer;
    let store: Store;
    let nodeRed: NodeRed;
    const keys: { readonly record: KeyRecord; readonly secret: string }[] = [];
    const call = async (secret: string) =>
      (await fetch(`${nodeRed.url}/guarded`, { headers: { "x-auth-token": secret } })).status;
    const logged = (text: string) => nodeRed.log().split(text).length - 1;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "gatehouse-redis-flow-"));
      writeFileSync(join(folder, "password"), `${password}\n`);
      server = await startRedis({ settings: () => ["--requirepass", password] });
      store = openStore({ backend: "redis", url: server.url, password, now: Date.now });
      for (let count = 0; count < keyCount; count += 1) {
        const made = createKey({ name: `key ${count}` }, "gh", { now: Date.now(), actor: "test" });
        assert.equal(await store.put("key", made.record), true);
        keys.push(made);
      }
      const wrong = { id: "wrong", name: "another", backend: "redis", url: server.url };
      nodeRed = await startNodeRed({
        flows: [
          tab,
          response,
          httpIn("in", "/guarded", "check"),
          tokenCheck("check", "response", ["response"]),
          httpIn("in-wrong", "/wrong", "check-wrong"),
          tokenCheck("check-wrong", "response", ["response"], { store: "wrong" }),
          keyStore("", { backend: "redis", url: `\${REDIS_ADDRESS}`, tls: "", staleSeconds: 0 }),
          keyStore("", wrong),
        ],
        credentials: {
          store: { connectionPassword: `file:${join(folder, "password")}` },
          wrong: { connectionPassword: "not the password" },
        },
        env: { REDIS_ADDRESS: server.url },
      });
    });
    after(async () => {
      await nodeRed.stop();
      await store.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it("lets a key in, with a password from a file and an address from the environment", async () => {
      assert.equal(await call(keys[0]!.secret), 200);
      assert.equal(await call(`${keys[0]!.secret}x`), 401);
    });

    it("answers 503 where the password is wrong, and says why without it", async () => {
      const answer = await fetch(`${nodeRed.url}/wrong`, { headers: { "x-auth-token": keys[0]!.secret } });
      assert.equal(answer.status, 503);
      assert.equal(logged("does not accept the user name or password. Nobody is let in."), 1);
      assert.doesNotMatch(nodeRed.log(), /not the password|correct horse/);
    });

    it("refuses each key within a second after another process has revoked it", async () => {
      for (const { record, secret } of keys.slice(1)) {
        assert.equal(await call(secret), 200);
        assert.equal(await store.put("key", { ...record, version: 2, revokedAt: Date.now() }), true);
        await until(async () => refused.includes(await call(secret)), 1_000);
        assert.ok(refused.includes(await call(secret)));
      }
    });

    it("answers 503 while Redis is away, says so once, and recovers by itself", async () => {
      const { secret } = keys[0]!;
      const before = logged("Nobody is let in.");
      await server.kill();
      await until(async () => (await call(secret)) !== 200, 1_000);
      for (let calls = 0; calls < 20; calls += 1) assert.equal(await call(secret), 503);
      assert.equal(logged("Nobody is let in."), before + 1);
      await server.start();
      await until(async () => (await call(secret)) === 200, 5_000);
      assert.equal(logged("The key store is back."), 1);
      assert.ok(refused.includes(await call(keys[1]!.secret)));
    });
  });
}
