import assert from "node:assert/strict";
import type { KeyRecord } from "../../lib/records.ts";
import type { Page } from "../../lib/store.ts";
import { credentialsStore } from "../../stores/credentials.ts";
import { redisStore } from "../../stores/redis.ts";
import { hasProgram, type RedisServer, startRedis } from "../support/servers.ts";
import { storeContract } from "./contract.ts";
import type { Open } from "./contract-kit.ts";
import { keyRecord, userRecord } from "./records.ts";
import { provesRevocation } from "./revocation.ts";

const now = Date.now;
const everything = { writable: true, durable: true, shared: true };

for (const [program, isOptional] of [
  ["redis-server", false],
  ["valkey-server", true],
] as const) {
  if (!hasProgram(program, `apt-get install ${program}`, isOptional)) continue;
  describe(program, () => {
    let server: RedisServer;
    let stores = 0;
    before(async () => {
      server = await startRedis({ program });
    });
    after(() => server.stop());

    const open: Open = async ({ keys, users }) => {
      stores += 1;
      const prefix = `test${stores}`;
      const openOne = () => redisStore({ url: server.url, prefix, now });
      const store = openOne();
      await Promise.all(keys.map((key) => store.put("key", key)));
      await Promise.all(users.map((user) => store.put("user", user)));
      const reopen = async () => {
        await store.close();
        return openOne();
      };
      return { store, reopen, other: async () => openOne() };
    };

    it("shows a revocation to another process within a second, 200 times, under constant use", async () => {
      const store = redisStore({ url: server.url, prefix: "revocation", now });
      await provesRevocation(store, { backend: "redis", url: server.url, prefix: "revocation" });
      await store.close();
    });

    it("finds what contains a text in any case, as the other stores do, however odd the text", async () => {
      const names = [
        "Kelvin \u212aelvin",
        "\u0130stanbul",
        "i\u0307",
        'say "hi" \\ bye',
        "Ångström",
        "a/b",
        "tab\there",
        "KEY",
      ];
      const users = names.map((name, index) => userRecord(`u${index}`, { name }));
      const searches = [
        "k",
        "kelvin",
        "K",
        "i",
        "stanbul",
        '"',
        "\\",
        'y "h',
        "ÅNG",
        "ström",
        "STR",
        "/",
        "\t",
        "here",
        " ",
        "u1",
      ];
      const { store } = await open({ keys: [], users });
      const reference = credentialsStore({ keys: [], users, now });
      for (const search of [...searches, ...names]) {
        const found = await store.list("user", { limit: 1_000, search });
        assert.deepEqual(found, await reference.list("user", { limit: 1_000, search }), search);
      }
      await store.close();
    });

    it("lists and searches more than it reads at once", async () => {
      const ids = Array.from({ length: 1_203 }, (_, index) => `k${String(index).padStart(4, "0")}`);
      const { store } = await open({ keys: ids.map((id) => keyRecord(id)), users: [] });
      const all: string[] = [];
      for (let after: string | undefined = ""; after !== undefined; ) {
        const page: Page<KeyRecord> = await store.list("key", { limit: 499, after });
        all.push(...page.items.map(({ id }) => id));
        after = page.next;
      }
      assert.deepEqual(all, ids);
      const found = await store.list("key", { limit: 1_000, search: "K0" });
      assert.deepEqual([found.items.length, found.next], [1_000, undefined]);
      const last = await store.list("key", { limit: 1, search: "k1202" });
      assert.deepEqual([last.items[0]?.id, last.next], ["k1202", undefined]);
      await store.close();
    });

    storeContract(`the store in ${program}`, open, everything);
  });
}
