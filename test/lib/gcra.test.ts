import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { type Bucket, takeFrom } from "../../lib/gcra.ts";

interface Hit {
  readonly t: number;
  readonly cost: number;
}

interface Case {
  readonly id: string;
  readonly description: string;
  readonly input: {
    readonly op: string;
    readonly limiter?: { readonly type: string; readonly capacity: number; readonly refillPerSecond: number };
    readonly hits: readonly Hit[];
  };
  readonly expected: { readonly allowed: readonly boolean[] };
}

const { cases } = JSON.parse(readFileSync(new URL("../vectors/rate-limit.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

/** Takes at each time in turn; times and costs as they come. */
function run(quota: { capacity: number; windowMs: number }, hits: readonly Hit[]) {
  let bucket: Bucket | undefined;
  return hits.map(({ t, cost }) => {
    const outcome = takeFrom(bucket, quota, cost, t);
    bucket = outcome.bucket ?? bucket;
    return { ...outcome.taken, fullAt: outcome.fullAt };
  });
}

describe("the bucket", () => {
  const buckets = cases.filter(({ input }) => input.limiter?.type === "token-bucket");
  assert.ok(buckets.length >= 6);
  for (const { id, description, input, expected } of buckets) {
    it(`${id}: ${description}`, () => {
      const { capacity, refillPerSecond } = input.limiter!;
      const hits = input.hits.map(({ t, cost }) => ({ t: 1_000_000 + t * 1_000, cost }));
      const taken = run({ capacity, windowMs: (capacity / refillPerSecond) * 1_000 }, hits);
      assert.deepEqual(
        taken.map(({ allowed }) => allowed),
        expected.allowed,
      );
    });
  }

  const quotas = fc.record({ capacity: fc.integer({ min: 1, max: 50 }), windowMs: fc.integer({ min: 1, max: 5_000 }) });
  const hits = fc.array(fc.record({ t: fc.integer({ min: 0, max: 10_000 }), cost: fc.integer({ min: 0, max: 5 }) }));
  const inOrder = hits.map((list) => list.toSorted((one, other) => one.t - other.t));

  it("never gives more between two times than its capacity and what came back since", () => {
    fc.assert(
      fc.property(quotas, inOrder, (quota, list) => {
        const taken = run(quota, list).map(({ allowed }, index) => (allowed ? list[index]!.cost : 0));
        for (let from = 0; from < list.length; from += 1) {
          let sum = 0;
          for (let to = from; to < list.length; to += 1) {
            sum += taken[to]!;
            const elapsed = list[to]!.t - list[from]!.t;
            assert.ok(sum * quota.windowMs <= quota.capacity * (quota.windowMs + elapsed));
          }
        }
      }),
    );
  });

  it("gives one more unit when the wait that it named is over, and not a millisecond earlier", () => {
    fc.assert(
      fc.property(quotas, inOrder, (quota, list) => {
        const last = run(quota, list).at(-1);
        if (last === undefined) return;
        const isAllowedAfter = (waitMs: number) =>
          run(quota, [...list, { t: list.at(-1)!.t + waitMs, cost: 1 }]).at(-1)?.allowed;
        assert.equal(isAllowedAfter(last.retryAfterMs), true);
        if (last.retryAfterMs > 0) assert.equal(isAllowedAfter(last.retryAfterMs - 1), false);
        assert.equal(last.retryAfterMs === 0, last.remaining > 0);
      }),
    );
  });

  it("has room for all it said was left, and no more", () => {
    fc.assert(
      fc.property(quotas, inOrder, (quota, list) => {
        const last = run(quota, list).at(-1);
        if (last === undefined) return;
        const t = list.at(-1)!.t;
        assert.equal(run(quota, [...list, { t, cost: last.remaining }]).at(-1)?.allowed, true);
        assert.equal(run(quota, [...list, { t, cost: last.remaining + 1 }]).at(-1)?.allowed, false);
        assert.equal(run(quota, [...list, { t: last.fullAt, cost: quota.capacity }]).at(-1)?.allowed, true);
      }),
    );
  });

  it("gives nothing for a clock that goes back, and does not wait for one that was far ahead", () => {
    const quota = { capacity: 2, windowMs: 2_000 };
    const day = 86_400_000;
    const times = (...list: readonly number[]) =>
      run(
        quota,
        list.map((t) => ({ t: day + t, cost: 1 })),
      );
    assert.deepEqual(times(0, 0, -1_000).at(-1), {
      allowed: false,
      remaining: 0,
      retryAfterMs: 2_000,
      resetMs: 3_000,
      fullAt: day + 2_000,
    });
    assert.deepEqual(
      times(0, 0, -day, 1_000 - day).map(({ allowed }) => allowed),
      [true, true, false, true],
    );
  });

  it("is no fuller than a quota that became smaller", () => {
    const { bucket } = takeFrom(undefined, { capacity: 100, windowMs: 1_000 }, 100, 0);
    const { taken } = takeFrom(bucket, { capacity: 1, windowMs: 1_000 }, 1, 0);
    assert.deepEqual(taken, { allowed: false, remaining: 0, retryAfterMs: 1_000, resetMs: 1_000 });
  });

  it("refuses numbers out of their range", () => {
    const wrong: readonly Parameters<typeof takeFrom>[] = [
      [undefined, { capacity: 0, windowMs: 1 }, 1, 0],
      [undefined, { capacity: 1.5, windowMs: 1 }, 1, 0],
      [undefined, { capacity: 1, windowMs: 0 }, 1, 0],
      [undefined, { capacity: 1, windowMs: Number.POSITIVE_INFINITY }, 1, 0],
      [undefined, { capacity: 1, windowMs: 1 }, -1, 0],
      [undefined, { capacity: 1, windowMs: 1 }, 0.5, 0],
      [undefined, { capacity: 1, windowMs: 1 }, 1, Number.NaN],
    ];
    for (const values of wrong) assert.throws(() => takeFrom(...values), RangeError);
  });

  describe("of a period", () => {
    const aDay = { capacity: 3, windowMs: 86_400_000, until: 9_000 };
    const one = (t: number) => ({ t, cost: 1 });

    it("gives nothing back before the end, and says to wait for it", () => {
      const taken = run(aDay, [one(1_000), one(1_500), { t: 2_000, cost: 2 }, one(3_000), one(8_000)]);
      assert.deepEqual(taken[0], { allowed: true, remaining: 2, retryAfterMs: 0, resetMs: 8_000, fullAt: 9_000 });
      assert.deepEqual(
        taken.map(({ allowed }) => allowed),
        [true, true, false, true, false],
      );
      assert.deepEqual(taken[4], { allowed: false, remaining: 0, retryAfterMs: 1_000, resetMs: 1_000, fullAt: 9_000 });
    });

    it("gives nothing back when the clock is set back, and waits for no time that has passed", () => {
      const taken = run(aDay, [{ t: 5_000, cost: 3 }, one(1_000), one(-90_000_000), one(9_500)]);
      assert.deepEqual(
        taken.map(({ allowed, retryAfterMs }) => [allowed, retryAfterMs]),
        [
          [true, 4_000],
          [false, 8_000],
          [false, 90_009_000],
          [false, 0],
        ],
      );
    });

    it("is free when nothing was taken, and ends at a time", () => {
      assert.deepEqual(takeFrom(undefined, aDay, 0, 1).taken, {
        allowed: true,
        remaining: 3,
        retryAfterMs: 0,
        resetMs: 0,
      });
      assert.throws(() => takeFrom(undefined, { ...aDay, until: Number.NaN }, 1, 1), RangeError);
    });
  });
});
