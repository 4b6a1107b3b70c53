import assert from "node:assert/strict";
import type { Quota, Store } from "../../lib/store.ts";
import { type Features, type Open, provided, withStore } from "./contract-kit.ts";

const now = 1_700_000_000_000;
const tenASecond: Quota = { capacity: 10, windowMs: 1_000 };

async function allowed(store: Store, bucket: string, attempts: number): Promise<number> {
  const takes = Array.from({ length: attempts }, async () => store.take(bucket, tenASecond, 1, now));
  return (await Promise.all(takes)).filter((taken) => taken.allowed).length;
}

async function claimed(store: Store, nonce: string, attempts: number): Promise<number> {
  const claims = Array.from({ length: attempts }, async () => store.claim(nonce, now + 1_000, now));
  return (await Promise.all(claims)).filter(Boolean).length;
}

export function countersContract(open: Open, features: Features): void {
  it("lets exactly the capacity through of ten times as many at once", () =>
    withStore(open, {}, async ({ store }) => {
      assert.equal(await allowed(store, "b", 100), 10);
      assert.equal(await allowed(store, "other", 100), 10);
    }));

  provided(features.shared, "lets exactly the capacity through of ten times as many on two instances", () =>
    withStore(open, {}, async ({ store, other }) => {
      const second = await other!();
      const counts = await Promise.all([allowed(store, "b", 50), allowed(second, "b", 50)]);
      assert.equal(counts[0] + counts[1], 10);
      await second.close();
    }),
  );

  it("says what is left and how long to wait", () =>
    withStore(open, {}, async ({ store }) => {
      const take = (cost: number, at: number) => store.take("b", tenASecond, cost, at);
      assert.deepEqual(await take(4, now), { allowed: true, remaining: 6, retryAfterMs: 0, resetMs: 400 });
      assert.deepEqual(await take(7, now), { allowed: false, remaining: 6, retryAfterMs: 0, resetMs: 400 });
      assert.deepEqual(await take(6, now), { allowed: true, remaining: 0, retryAfterMs: 100, resetMs: 1_000 });
      assert.deepEqual(await take(1, now + 99), { allowed: false, remaining: 0, retryAfterMs: 1, resetMs: 901 });
      assert.deepEqual(await take(1, now + 100), { allowed: true, remaining: 0, retryAfterMs: 100, resetMs: 1_000 });
      assert.deepEqual(await take(0, now + 5_000), { allowed: true, remaining: 10, retryAfterMs: 0, resetMs: 0 });
    }));

  it("gives nothing of a period back before its end", () =>
    withStore(open, {}, async ({ store }) => {
      const aDay: Quota = { capacity: 3, windowMs: 86_400_000, until: now + 5_000 };
      const take = (cost: number, at: number) => store.take("day", aDay, cost, at);
      assert.deepEqual(await take(2, now), { allowed: true, remaining: 1, retryAfterMs: 0, resetMs: 5_000 });
      assert.deepEqual(await take(2, now + 4_000), { allowed: false, remaining: 1, retryAfterMs: 0, resetMs: 1_000 });
      assert.deepEqual(await take(1, now - 1_000), {
        allowed: true,
        remaining: 0,
        retryAfterMs: 6_000,
        resetMs: 6_000,
      });
      assert.deepEqual(await take(1, now + 4_999), { allowed: false, remaining: 0, retryAfterMs: 1, resetMs: 1 });
    }));

  it("counts each bucket for itself, whatever its name", () =>
    withStore(open, {}, async ({ store }) => {
      for (const bucket of ["", "__proto__", "constructor", "x".repeat(100_000), `${"x".repeat(99_999)}y`, "\ud800"]) {
        assert.equal(await allowed(store, bucket, 12), 10, bucket.slice(0, 20));
      }
    }));

  it("refuses numbers out of their range", () =>
    withStore(open, {}, async ({ store }) => {
      const wrong: readonly Parameters<Store["take"]>[] = [
        ["b", { capacity: 0, windowMs: 1 }, 1, now],
        ["b", { capacity: 1.5, windowMs: 1 }, 1, now],
        ["b", { capacity: 1, windowMs: 0 }, 1, now],
        ["b", tenASecond, -1, now],
        ["b", tenASecond, Number.NaN, now],
        ["b", tenASecond, 1, Number.NaN],
      ];
      for (const values of wrong) await assert.rejects(async () => store.take(...values), RangeError);
      await assert.rejects(async () => store.claim("n", Number.NaN, now), RangeError);
      await assert.rejects(async () => store.claim("n", now, Number.POSITIVE_INFINITY), RangeError);
    }));

  it("gives a nonce to exactly one of fifty", () =>
    withStore(open, {}, async ({ store }) => {
      assert.equal(await claimed(store, "n", 50), 1);
      assert.equal(await claimed(store, "n", 50), 0);
    }));

  provided(features.shared, "gives a nonce to exactly one of fifty on two instances", () =>
    withStore(open, {}, async ({ store, other }) => {
      const second = await other!();
      const counts = await Promise.all([claimed(store, "n", 25), claimed(second, "n", 25)]);
      assert.equal(counts[0] + counts[1], 1);
      await second.close();
    }),
  );

  it("gives a nonce again when it has ended, and never one that has ended already", () =>
    withStore(open, {}, async ({ store }) => {
      assert.equal(await store.claim("n", now + 10, now), true);
      assert.equal(await store.claim("n", now + 20, now + 9), false);
      assert.equal(await store.claim("n", now + 20, now + 10), true);
      assert.equal(await store.claim("m", now, now), false);
      assert.equal(await store.claim("m", now - 1, now), false);
      assert.equal(await store.claim("m", now + 1, now), true);
    }));

  it("tells nonces apart, whatever they are", () =>
    withStore(open, {}, async ({ store }) => {
      for (const nonce of ["", "__proto__", "constructor", "x".repeat(5_000), `${"x".repeat(4_999)}y`]) {
        assert.equal(await claimed(store, nonce, 3), 1, nonce.slice(0, 20));
      }
    }));

  provided(features.durable, "remembers a nonce after it was closed", () =>
    withStore(open, {}, async ({ store, reopen }) => {
      assert.equal(await claimed(store, "n", 1), 1);
      const again = await reopen!();
      assert.equal(await claimed(again, "n", 1), 0);
      await again.close();
    }),
  );
}
