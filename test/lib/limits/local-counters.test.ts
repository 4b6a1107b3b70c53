import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bucket, takeFrom } from "../../../lib/gcra.ts";
import { localCounters } from "../../../lib/limits/local-counters.ts";

const key = Uint8Array.from([8, 7, 6, 5, 4, 3, 2, 1]);
const ten = { capacity: 10, windowMs: 60_000 };
const now = 1_700_000_000_000;

/** A repeatable source of numbers (Lehmer). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function counters(most?: number) {
  return localCounters({ key, random: numbers(1), ...(most !== undefined && { most }) });
}

describe("localCounters", () => {
  it("lets exactly the capacity through of ten times as many", () => {
    const { take } = counters();
    for (const name of ["a", "b", "", "x".repeat(10_000)]) {
      const allowed = Array.from({ length: 100 }, () => take(name, ten, 1, now)).filter((taken) => taken.allowed);
      assert.equal(allowed.length, 10, name.slice(0, 5));
    }
  });

  it("counts as a map of buckets would, through growth and forgetting", () => {
    const hits = fc.array(fc.record({ who: fc.nat(3000), after: fc.nat(2000), cost: fc.nat(12) }), {
      minLength: 3000,
      maxLength: 4000,
    });
    fc.assert(
      fc.property(hits, (list) => {
        const { take } = counters();
        const buckets = new Map<number, Bucket>();
        let time = now;
        for (const { who, after, cost } of list) {
          time += after;
          const expected = takeFrom(buckets.get(who), ten, cost, time);
          if (expected.bucket) buckets.set(who, expected.bucket);
          assert.deepEqual(take(`address ${who}`, ten, cost, time), expected.taken);
        }
      }),
      { numRuns: 5 },
    );
  });

  it("remembers all that count, and forgets those that are full again as room is needed", () => {
    const { take, size } = counters();
    for (let i = 0; i < 50_000; i++) take(`early ${i}`, ten, 1, now);
    assert.equal(size(), 50_000);
    for (let i = 0; i < 50_000; i++) take(`late ${i}`, ten, 1, now + 60_000);
    assert.ok(size() <= 100_000);
    for (let i = 0; i < 50_000; i++) assert.equal(take(`late ${i}`, ten, 0, now + 60_000).remaining, 9);
  });

  it("holds no more than it may, and under a flood of new names keeps those that are used up", () => {
    const { take, size } = counters(2_000);
    for (let i = 0; i < 100; i++) take(`used up ${i}`, ten, 10, now);
    for (let i = 0; i < 50_000; i++) take(`flood ${i}`, ten, 1, now + (i % 1000));
    assert.equal(size(), 2_000);
    const kept = Array.from({ length: 100 }, (_, i) => take(`used up ${i}`, ten, 0, now + 1000).remaining);
    assert.deepEqual(new Set(kept), new Set([0]));
  });

  it("finds what is there after others were dropped from between", () => {
    const { take, size } = counters(1_500);
    for (let i = 0; i < 20_000; i++) {
      take(`name ${i}`, ten, 3, now);
      assert.equal(take(`name ${i}`, ten, 0, now).remaining, 7);
    }
    assert.equal(size(), 1_500);
  });

  it("needs at most 100 bytes for each of many, at whatever number, and few for none", () => {
    const { take, size, bytes } = counters();
    assert.ok(bytes() < 50_000);
    for (let i = 1; i <= 300_000; i++) {
      take(`address ${i}`, ten, 1, now);
      if (i > 1000 && i % 997 === 0) assert.ok(bytes() / i <= 100, `${bytes() / i} bytes each of ${i}`);
    }
    assert.equal(size(), 300_000);
  });
});
