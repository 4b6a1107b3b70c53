import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ConfigError } from "../../lib/errors.ts";
import { redisStore } from "../../stores/redis.ts";
import { type Authority, authority } from "../support/certificates.ts";
import { hasProgram, type RedisServer, startRedis } from "../support/servers.ts";
import { faulty } from "./contract-kit.ts";
import { keyRecord } from "./records.ts";
import { isReady, redisCommand, until, type Watched, watched } from "./redis-support.ts";

const password = "correct horse: battery/staple@";

async function using(options: Parameters<typeof watched>[0], test: (opened: Watched) => Promise<void>): Promise<void> {
  const opened = watched(options);
  try {
    await test(opened);
  } finally {
    await opened.store.close();
  }
}

describe("the settings of a store in Redis", () => {
  const refuses = (option: string, settings: Partial<Parameters<typeof watched>[0]>) =>
    assert.throws(
      () => redisStore({ url: "redis://127.0.0.1", now: Date.now, ...settings }),
      (error) => {
        assert.ok(error instanceof ConfigError, String(error));
        assert.equal(error.option, option);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );

  it("are refused when they cannot work, by a message without the URL", () => {
    for (const url of ["", "secret", "http://secret", "redis:", "redis://u:secret@h/x", "redis://u:%secret@h"]) {
      refuses("url", { url });
    }
    refuses("prefix", { prefix: "a}b" });
    refuses("prefix", { prefix: "" });
    refuses("timeoutMs", { timeoutMs: 0 });
  });

  it("are warned of when the way to another machine is open", async () => {
    const warnings = async (url: string, more: Partial<Parameters<typeof watched>[0]> = {}) => {
      const { store, told } = watched({ url, timeoutMs: 1, ...more });
      await isReady(store);
      await store.close();
      return told.filter((text) => text.startsWith("warn")).map((text) => text.replace(/.*(TLS|verif|passw).*/, "$1"));
    };
    assert.deepEqual(await warnings("redis://203.0.113.9"), ["TLS", "passw"]);
    assert.deepEqual(await warnings("redis://203.0.113.9", { password }), ["TLS"]);
    assert.deepEqual(await warnings("rediss://203.0.113.9", { password }), []);
    assert.deepEqual(await warnings("rediss://203.0.113.9", { password, tls: { rejectUnauthorized: false } }), [
      "verif",
    ]);
    for (const host of ["localhost", "127.0.0.9", "[::1]"]) assert.deepEqual(await warnings(`redis://${host}:1`), []);
  });
});

if (hasProgram("redis-server", "apt-get install redis-server")) {
  describe("a store in a Redis with a password", () => {
    let server: RedisServer;
    before(async () => {
      server = await startRedis({ settings: () => ["--requirepass", password] });
    });
    after(() => server.stop());
    const admin = () => server.url.replace("//", `//:${encodeURIComponent(password)}@`);

    it("takes it beside the URL and in it", async () => {
      await using({ url: server.url, password }, async ({ store }) => store.ready());
      await using({ url: admin() }, async ({ store }) => store.ready());
    });

    it("lets nobody in without it or with a wrong one, and does not print it", async () => {
      for (const wrong of [undefined, "a wrong secret"]) {
        const options = wrong === undefined ? { url: server.url } : { url: server.url, password: wrong };
        await using(options, async ({ store, told }) => {
          await assert.rejects(store.ready(), (error: Error) => {
            assert.match(error.message, /password/);
            assert.doesNotMatch(`${error.stack} ${error.cause}`, /wrong secret/);
            return faulty("unreachable")(error);
          });
          await assert.rejects(async () => store.get("key", "a"), faulty("unreachable"));
          assert.deepEqual(told, ["away: unreachable"]);
        });
      }
    });

    it("comes in when the password becomes right", async () => {
      await using({ url: server.url, username: "gate", password: "later" }, async ({ store }) => {
        assert.equal(await isReady(store), false);
        await redisCommand(admin(), "ACL", "SETUSER", "gate", "on", ">later", "~*", "&*", "+@all");
        await until(() => isReady(store));
      });
    });

    it("needs no more rights than the documentation names", async () => {
      const line = /ACL SETUSER gatehouse (.*)/.exec(readFileSync("docs/redis.md", "utf8"))?.[1];
      assert.ok(line);
      const rights = line.split(" ").filter((word) => !/^[>#]/.test(word));
      await redisCommand(admin(), "ACL", "SETUSER", "gatehouse", ...rights, ">pw");
      await using({ url: server.url, username: "gatehouse", password: "pw" }, async ({ store, told }) => {
        assert.equal(await store.put("key", keyRecord("a")), true);
        assert.equal((await store.list("key", { limit: 1 })).items.length, 1);
        await store.take("b", { capacity: 1, windowMs: 1 }, 1, 1);
        await store.claim("n", 2, 1);
        assert.equal(await store.remove("key", "a", 1), true);
        assert.deepEqual(told, []);
      });
    });

    it("says so when the user's rights do not suffice", async () => {
      await redisCommand(admin(), "ACL", "SETUSER", "weak", "on", ">pw", "~*", "&*", "+@all", "-eval", "-evalsha");
      await using({ url: server.url, username: "weak", password: "pw" }, async ({ store }) => {
        await assert.rejects(store.ready(), /rights/);
      });
    });
  });

  describe("a store in a Redis that is not set up for one", () => {
    it("warns of keys that may be thrown away, and of changes that may be lost, once", async () => {
      const settings = () => ["--maxmemory-policy", "allkeys-lru", "--appendonly", "no"];
      const server = await startRedis({ settings });
      await using({ url: server.url }, async ({ store, told }) => {
        await store.put("key", keyRecord("a"));
        assert.equal(told.length, 2);
        assert.match(told.join(), /noeviction.*appendonly/);
        await redisCommand(server.url, "CLIENT", "KILL", "TYPE", "pubsub");
        await until(() => told.includes("back"));
        assert.equal(told.filter((text) => text.startsWith("warn")).length, 2);
      });
      await server.stop();
    });

    it("refuses a node of a cluster", async () => {
      const server = await startRedis({ settings: () => ["--cluster-enabled", "yes"] });
      await using({ url: server.url }, async ({ store }) => assert.rejects(store.ready(), /[Cc]luster/));
      await server.stop();
    });
  });

  describe("a store in a Redis with TLS", () => {
    let ca: Authority;
    let server: RedisServer;
    let client: { readonly cert: string; readonly key: string };
    before(async () => {
      ca = authority();
      const { cert, key } = ca.issue("IP:127.0.0.1,DNS:redis.example");
      client = ca.issue("DNS:client");
      const files = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", ca.path];
      server = await startRedis({ settings: (port) => ["--port", "0", "--tls-port", String(port), ...files] });
    });
    after(async () => {
      await server.stop();
      ca.remove();
    });
    const mine = () => ({ cert: readFileSync(client.cert), key: readFileSync(client.key) });
    const url = () => server.url.replace("redis:", "rediss:");

    it("proves itself by a certificate, and verifies the server's", () =>
      using({ url: url(), tls: { ca: ca.certificate, ...mine() } }, async ({ store }) => {
        assert.equal(await store.put("key", keyRecord("a")), true);
      }));

    it("takes the name that was given for the server's", () =>
      using({ url: url(), tls: { ca: ca.certificate, servername: "redis.example", ...mine() } }, ({ store }) =>
        store.ready(),
      ));

    it("does not talk to a server of another authority or name, or to one that wants no plain text", async () => {
      const wrong = [
        { url: url(), tls: mine() },
        { url: url(), tls: { ca: ca.certificate, servername: "other.example", ...mine() } },
        { url: server.url },
      ];
      for (const options of wrong) {
        await using(options, async ({ store }) => assert.rejects(store.ready(), faulty("unreachable")));
      }
    });

    it("is refused without a certificate where the server wants one", () =>
      using({ url: url(), tls: { ca: ca.certificate } }, async ({ store }) =>
        assert.rejects(store.ready(), faulty("unreachable")),
      ));
  });
}
