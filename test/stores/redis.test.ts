import { redisStore } from "../../stores/redis.ts";
import { hasProgram, type RedisServer, startRedis } from "../support/servers.ts";
import { storeContract } from "./contract.ts";
import type { Open } from "./contract-kit.ts";
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

    storeContract(`the store in ${program}`, open, everything);
  });
}
