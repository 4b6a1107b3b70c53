import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../lib/store.ts";
import { hasProgram, type RedisServer, startRedis, type TcpProxy, tcpProxy } from "../support/servers.ts";
import { faulty } from "./contract-kit.ts";
import { digestOf, keyRecord, userRecord } from "./records.ts";
import { isReady, redisCommand, until, watched } from "./redis-support.ts";

const revoked = keyRecord("a", { version: 2, revokedAt: 1 });

if (hasProgram("redis-server", "apt-get install redis-server")) {
  describe("the store in Redis, when Redis fails", () => {
    let server: RedisServer;
    let proxy: TcpProxy;
    let opened: Store[];
    const open = (more: Partial<Parameters<typeof watched>[0]> = {}) => {
      const made = watched({ url: `redis://127.0.0.1:${proxy.port}`, ...more });
      opened.push(made.store);
      return made;
    };
    const openDirectly = () => open({ url: server.url });

    beforeEach(async () => {
      opened = [];
      server = await startRedis();
      proxy = await tcpProxy(server.port);
    });
    afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
      await proxy.close();
      await server.stop();
    });

    const refusesAll = async (store: Store, code: Parameters<typeof faulty>[0]) => {
      const quota = { capacity: 1, windowMs: 1_000 };
      const operations: readonly (() => unknown)[] = [
        () => store.ready(),
        () => store.get("key", "a"),
        () => store.findKeyByDigest(digestOf("a")),
        () => store.put("key", revoked),
        () => store.remove("key", "a", 1),
        () => store.list("key", { limit: 1 }),
        () => store.take("b", quota, 1, 1),
        () => store.claim("n", 2, 1),
      ];
      for (const operation of operations) await assert.rejects(async () => operation(), faulty(code));
    };

    it("lets nobody in while the server is down, and recovers when it is back", async () => {
      const { store, told } = open();
      await store.put("key", keyRecord("a"));
      await store.get("key", "a");
      await server.kill();
      await until(() => told.includes("away: unreachable"));
      await refusesAll(store, "unreachable");
      await server.start();
      await until(() => isReady(store));
      assert.deepEqual(await store.get("key", "a"), keyRecord("a"));
      assert.equal(await store.put("key", revoked), true);
      assert.deepEqual(told, ["away: unreachable", "back"]);
    });

    it("does not serve what it knew before the connection was cut, and learns what it missed", async () => {
      const { store } = open();
      const other = openDirectly();
      await store.put("key", keyRecord("a"));
      await store.get("key", "a");
      const changes: unknown[] = [];
      store.onChange((change) => changes.push(change));
      proxy.cut();
      await until(async () => !(await isReady(store)));
      await other.store.put("key", revoked);
      const end = performance.now() + 1_500;
      while (performance.now() < end) {
        await assert.rejects(async () => store.get("key", "a"), faulty("unreachable"));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      proxy.mend();
      await until(() => isReady(store), 3_000);
      assert.deepEqual(await store.get("key", "a"), revoked);
      await until(() => changes.length > 0);
      assert.deepEqual(changes, [{ kind: "key", id: "a" }]);
    });

    it("gives up on a server that says nothing, and asks it nothing more until it answers", async () => {
      const { store, told } = open();
      await store.put("key", keyRecord("a"));
      proxy.freeze();
      const started = performance.now();
      await assert.rejects(async () => store.take("b", { capacity: 1, windowMs: 1 }, 1, 1), faulty("unreachable"));
      assert.ok(performance.now() - started < 1_000);
      await until(() => told.length === 1);
      const before = performance.now();
      for (let call = 0; call < 100; call += 1) {
        await assert.rejects(async () => store.get("key", "a"), faulty("unreachable"));
      }
      assert.ok(performance.now() - before < 250);
      proxy.mend();
      await until(() => isReady(store));
      assert.deepEqual(await store.get("key", "a"), keyRecord("a"));
    });

    it("works with slow answers, and gives up on those that are too slow", async () => {
      const { store } = open();
      proxy.delayMs = 100;
      await store.put("key", keyRecord("a"));
      assert.deepEqual(await store.get("key", "a"), keyRecord("a"));
      proxy.delayMs = 1_500;
      await assert.rejects(async () => store.get("key", "b"), faulty("unreachable"));
      await until(() => !proxy.delayMs || isReady(store).then((ready) => !ready));
      proxy.delayMs = 0;
      await until(() => isReady(store));
      assert.deepEqual(await store.get("key", "a"), keyRecord("a"));
    });

    const wipe = async () => {
      await server.kill();
      rmSync(join(server.folder, "appendonlydir"), { recursive: true });
      await server.start();
    };

    it("lets nobody in when the server is back without the data, and begins anew only when told to", async () => {
      const stores = [open(), openDirectly()];
      for (const { store } of stores) await store.ready();
      await stores[0]!.store.put("key", keyRecord("a"));
      await wipe();
      for (const { store, told } of stores) {
        await until(() => told.includes("away: missing"));
        await refusesAll(store, "missing");
      }
      assert.deepEqual(await redisCommand(server.url, "KEYS", "*"), []);
      await redisCommand(server.url, "SET", "{gatehouse}:initialise", "yes");
      for (const { store, told } of stores) {
        await until(() => isReady(store));
        assert.equal(await store.get("key", "a"), undefined);
        assert.equal(told.at(-1), "back");
      }
      assert.equal(await stores[1]!.store.put("key", keyRecord("a")), true);
    });

    it("lets nobody in when the data are deleted under it, and takes the same store back", async () => {
      const { store } = openDirectly();
      await store.put("key", keyRecord("a"));
      await store.get("key", "a");
      const marker = String(await redisCommand(server.url, "GET", "{gatehouse}:store"));
      await redisCommand(server.url, "FLUSHALL");
      await until(async () => !(await isReady(store)), 1_500);
      await refusesAll(store, "missing");
      await redisCommand(server.url, "SET", "{gatehouse}:store", marker);
      await until(() => isReady(store));
      assert.equal(await store.get("key", "a"), undefined);
    });

    it("takes no other store in the place of the one it knew", async () => {
      const { store } = openDirectly();
      await store.ready();
      const marker = JSON.parse(String(await redisCommand(server.url, "GET", "{gatehouse}:store")));
      const other = JSON.stringify({ ...marker, storeId: "A".repeat(22) });
      await redisCommand(server.url, "SET", "{gatehouse}:store", other);
      await until(async () => !(await isReady(store)), 1_500);
      await refusesAll(store, "missing");
    });

    it("refuses a store of another version, and one whose marker is damaged or gone, and changes nothing", async () => {
      const marker = JSON.stringify({ format: "gatehouse-store", version: 2, storeId: "A".repeat(22), createdAt: 1 });
      await redisCommand(server.url, "SET", "{v2}:store", marker);
      await redisCommand(server.url, "SET", "{garbled}:store", "{");
      await redisCommand(server.url, "HSET", "{headless}:keys", "a", "{}");
      await redisCommand(server.url, "HSET", "{foreign}:store", "a", "b");
      const before = await redisCommand(server.url, "KEYS", "*");
      for (const [prefix, code] of [
        ["v2", "unknown-version"],
        ["garbled", "damaged"],
        ["headless", "damaged"],
        ["foreign", "damaged"],
      ] as const) {
        const { store, told } = open({ prefix });
        await assert.rejects(store.ready(), faulty(code));
        await assert.rejects(async () => store.put("key", keyRecord("a")), faulty(code));
        assert.deepEqual(told, [`away: ${code}`]);
      }
      assert.deepEqual(await redisCommand(server.url, "KEYS", "*"), before);
    });

    it("denies a record that is damaged, writes nothing over it, and lists the others", async () => {
      const { store } = openDirectly();
      await store.put("key", keyRecord("a"));
      await store.put("key", keyRecord("b"));
      for (const text of ["", "{", "null", "[]", '"x"', "{}", '{"version":"1"}', '{"version":1,"secrets":7}']) {
        await redisCommand(server.url, "HSET", "{gatehouse}:keys", "a", text);
        await assert.rejects(async () => store.get("key", "a"), faulty("damaged"), text);
        await assert.rejects(async () => store.findKeyByDigest(digestOf("a")), faulty("damaged"), text);
        assert.deepEqual((await store.list("key", { limit: 9 })).items, [keyRecord("b")]);
      }
      await redisCommand(server.url, "HSET", "{gatehouse}:keys", "a", "{");
      await assert.rejects(store.put("key", revoked), faulty("damaged"));
      await assert.rejects(store.remove("key", "a", 1), faulty("damaged"));
      assert.equal(await redisCommand(server.url, "HGET", "{gatehouse}:keys", "a"), "{");
    });

    it("forgets what it knew of changes that the server lost, and says that it lost them", async () => {
      const { store, told } = openDirectly();
      await store.put("user", userRecord("u"));
      await store.put("key", keyRecord("a"));
      const older = String(await redisCommand(server.url, "HGET", "{gatehouse}:keys", "a"));
      await store.put("key", revoked);
      assert.deepEqual(await store.get("key", "a"), revoked);
      const changes: unknown[] = [];
      store.onChange((change) => changes.push(change));
      await redisCommand(server.url, "HSET", "{gatehouse}:keys", "a", older);
      await redisCommand(server.url, "SET", "{gatehouse}:last-change", "2");
      await redisCommand(server.url, "RPOP", "{gatehouse}:changes");
      await server.kill();
      await server.start();
      await until(() => isReady(store));
      assert.deepEqual(await store.get("key", "a"), keyRecord("a"));
      await until(() => changes.some((change) => !("id" in (change as object))));
      assert.deepEqual(changes.slice(-2), [{ kind: "key" }, { kind: "user" }]);
      assert.match(told.join(), /away: unreachable,.*back,.*lost changes/s);
    });

    it("leaves a server that has become a copy of another", async () => {
      const { store, told } = openDirectly();
      await store.ready();
      await redisCommand(server.url, "REPLICAOF", "127.0.0.1", "1");
      await until(() => told.includes("away: unreachable"), 1_500);
      await refusesAll(store, "unreachable");
      await redisCommand(server.url, "REPLICAOF", "NO", "ONE");
      await until(() => isReady(store));
    });

    it("teaches the server its scripts again when it has forgotten them", async () => {
      const { store } = openDirectly();
      await store.put("key", keyRecord("a"));
      await redisCommand(server.url, "SCRIPT", "FLUSH");
      assert.equal(await store.put("key", revoked), true);
    });

    it("says so when the server's memory is full, and goes on when it is not", async () => {
      const { store } = openDirectly();
      await store.ready();
      await redisCommand(server.url, "CONFIG", "SET", "maxmemory", "1");
      await assert.rejects(store.put("key", keyRecord("a")), faulty("unreachable"));
      await redisCommand(server.url, "CONFIG", "SET", "maxmemory", "0");
      assert.equal(await store.put("key", keyRecord("a")), true);
    });

    it("closes at once while it is connecting to what does not answer", async () => {
      proxy.freeze();
      const { store } = open({ timeoutMs: 10_000 });
      const ready = assert.rejects(store.ready(), faulty("closed"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const started = performance.now();
      await store.close();
      await ready;
      assert.ok(performance.now() - started < 1_000);
    });
  });
}
