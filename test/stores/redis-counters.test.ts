import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bucket, takeFrom } from "../../lib/gcra.ts";
import type { Store } from "../../lib/store.ts";
import { redisStore } from "../../stores/redis.ts";
import { serverClock } from "../../stores/server-clock.ts";
import { hasProgram, type RedisServer, startRedis } from "../support/servers.ts";
import { keyRecord } from "./records.ts";
import { redisCommand } from "./redis-support.ts";

describe("the clock of a server", () => {
  it("is the own one when they differ by less than a second", () => {
    const clock = serverClock();
    clock.learn(10_999, 9_900, 10_100);
    assert.equal(clock.at(20_000), 20_000);
  });

  it("is followed when they differ by more, and left when they do no longer", () => {
    const clock = serverClock();
    clock.learn(3_610_000, 9_900, 10_100);
    assert.equal(clock.at(20_000), 3_620_000);
    clock.learn(20_000, 20_000, 20_010);
    assert.equal(clock.at(20_000), 20_000);
  });
});

if (hasProgram("redis-server", "apt-get install redis-server")) {
  describe("counters in Redis", () => {
    let server: RedisServer;
    const stores: Store[] = [];
    const open = (aheadMs = 0) => {
      const store = redisStore({ url: server.url, now: () => Date.now() + aheadMs });
      stores.push(store);
      return store;
    };
    before(async () => {
      server = await startRedis();
    });
    after(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await server.stop();
    });

    const quota = fc.record({
      capacity: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1_000_000 })),
      windowMs: fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom(86_400_000, 0.5, 1_000.25)),
    });
    const periodEnd = fc.option(fc.constantFrom(1_700_000_000_500, 1_699_999_999_000, 1_700_009_000_000), {
      nil: undefined,
    });
    const step = fc.record({
      cost: fc.integer({ min: 0, max: 10 }),
      aheadMs: fc.oneof(fc.integer({ min: -100, max: 2_000 }), fc.constantFrom(-4_000_000, -3_600_000, 90_000_000)),
    });

    it("count as the other stores do, whatever the quota and the clock", async () => {
      const store = open();
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(
          quota,
          periodEnd,
          fc.array(step, { minLength: 1, maxLength: 12 }),
          async (base, until, steps) => {
            const limit = { ...base, ...(until !== undefined && { until }) };
            runs += 1;
            let bucket: Bucket | undefined;
            let now = 1_700_000_000_000;
            for (const { cost, aheadMs } of steps) {
              now += aheadMs;
              const expected = takeFrom(bucket, limit, cost, now);
              bucket = expected.bucket ?? bucket;
              assert.deepEqual(await store.take(`property ${runs}`, limit, cost, now), expected.taken);
            }
          },
        ),
        { numRuns: 150 },
      );
    });

    it("give no more when the clocks of two instances are two hours apart", async () => {
      const [one, other] = [open(), open(7_200_000)];
      await Promise.all([one.ready(), other.ready()]);
      const limit = { capacity: 10, windowMs: 3_600_000 };
      let allowed = 0;
      for (let round = 0; round < 30; round += 1) {
        const start = Date.now();
        if ((await one.take("skewed", limit, 1, start)).allowed) allowed += 1;
        if ((await other.take("skewed", limit, 1, start + 7_200_000)).allowed) allowed += 1;
      }
      assert.equal(allowed, 10);
    });

    it("are forgotten by the server when they are full again", async () => {
      await open().take("brief", { capacity: 1, windowMs: 1_000 }, 1, Date.now());
      const names = (await redisCommand(server.url, "KEYS", "{gatehouse}:bucket:*")) as readonly string[];
      const left = await Promise.all(names.map((name) => redisCommand(server.url, "PTTL", name)));
      assert.ok(left.every((ms) => Number(ms) > 0));
      assert.ok(left.some((ms) => Number(ms) <= 6_000));
    });

    it("keep a nonce until the slowest clock has passed its end", async () => {
      const [slow, fast] = [open(), open()];
      const now = Date.now();
      assert.equal(await fast.claim("n", now + 100, now + 90), true);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(await slow.claim("n", now + 100, now), false);
    });

    it("are alone in being forgotten: all else stays", async () => {
      const store = open();
      await store.put("key", keyRecord("a"));
      await store.claim("n", Date.now() + 1_000, Date.now());
      const names = (await redisCommand(server.url, "KEYS", "*")) as readonly string[];
      const lasting = names.filter((name) => !/:(bucket|nonce):/.test(name));
      assert.ok(lasting.length >= 6 && lasting.length < names.length, String(names));
      for (const name of names) {
        const ms = Number(await redisCommand(server.url, "PTTL", name));
        assert.equal(ms === -1, lasting.includes(name), name);
      }
    });
  });
}
