import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { type Bucket, takeFrom } from "../../../lib/gcra.ts";
import { type Claim, type Outcome, takeAll, takeAnyway } from "../../../lib/limits/take-all.ts";
import type { Store } from "../../../lib/store.ts";

const now = 1_700_000_000_000;
const three: Claim = { bucket: "three", quota: { capacity: 3, windowMs: 3_000 } };
const ten: Claim = { bucket: "ten", quota: { capacity: 10, windowMs: 10_000 } };
const aDay: Claim = { bucket: "day", quota: { capacity: 3, windowMs: 86_400_000, until: now + 5_000 } };

type Take = (...values: Parameters<Store["take"]>) => ReturnType<Store["take"]>;

function memory(): { take: Take; used: (claim: Claim, at?: number) => number } {
  const buckets = new Map<string, Bucket>();
  const take: Take = (name, quota, cost, at) => {
    const { bucket, taken } = takeFrom(buckets.get(name), quota, cost, at);
    if (bucket) buckets.set(name, bucket);
    return taken;
  };
  const used = ({ bucket, quota }: Claim, at = now) =>
    quota.capacity - takeFrom(buckets.get(bucket), quota, 0, at).taken.remaining;
  return { take, used };
}

/** Answers in a later turn, as a server does. */
function remote(): ReturnType<typeof memory> {
  const { take, used } = memory();
  return {
    used,
    take: async (...values) => {
      await turn();
      return take(...values);
    },
  };
}

function atOnce(answer: ReturnType<typeof takeAll>): readonly Outcome[] {
  assert.ok(!(answer instanceof Promise));
  return answer;
}

const admitted = (outcomes: readonly Outcome[]) => outcomes.every((outcome) => outcome.admitted);

describe("takeAll", () => {
  it("takes from all counters, or from none", () => {
    const { take, used } = memory();
    for (let i = 0; i < 30; i++) {
      const passes = admitted(atOnce(takeAll([ten, three], { take, cost: 1, now })));
      assert.equal(passes, i < 3);
    }
    assert.deepEqual([used(ten), used(three)], [3, 3]);
  });

  it("says of each counter what is left and when the request would pass", () => {
    const { take } = memory();
    assert.deepEqual(takeAll([three, ten], { take, cost: 2, now }), [
      { admitted: true, remaining: 1, resetMs: 2_000, waitMs: 0 },
      { admitted: true, remaining: 8, resetMs: 2_000, waitMs: 0 },
    ]);
    assert.deepEqual(takeAll([three, ten], { take, cost: 2, now }), [
      { admitted: false, remaining: 1, resetMs: 2_000, waitMs: 1_000 },
      { admitted: true, remaining: 8, resetMs: 2_000, waitMs: 0 },
    ]);
  });

  it("says when a request of more than one unit would pass, and is right", () => {
    const { take } = memory();
    const first = atOnce(takeAll([ten], { take, cost: 9, now }))[0];
    const [refused] = atOnce(takeAll([ten], { take, cost: 4, now: now + 137 }));
    assert.ok(first?.admitted && refused && !refused.admitted);
    assert.equal(admitted(atOnce(takeAll([ten], { take, cost: 4, now: now + 137 + refused.waitMs - 1 }))), false);
    assert.equal(admitted(atOnce(takeAll([ten], { take, cost: 4, now: now + 137 + refused.waitMs }))), true);
  });

  it("never lets a cost above the capacity pass, and says to wait all the same", () => {
    const { take } = memory();
    const [outcome] = atOnce(takeAll([three], { take, cost: 4, now }));
    assert.equal(outcome?.admitted, false);
    assert.ok(outcome && outcome.waitMs > 0);
  });

  it("takes nothing for a cost of 0", () => {
    const { take, used } = memory();
    atOnce(takeAll([three], { take, cost: 3, now }));
    assert.ok(admitted(atOnce(takeAll([three, ten], { take, cost: 0, now }))));
    assert.equal(used(ten), 0);
  });

  it("waits for the end of a day, whatever the cost", () => {
    const { take } = memory();
    atOnce(takeAll([aDay], { take, cost: 2, now }));
    const [refused] = atOnce(takeAll([aDay], { take, cost: 2, now }));
    assert.deepEqual(refused, { admitted: false, remaining: 1, resetMs: 5_000, waitMs: 5_000 });
  });

  it("lets exactly as many pass of ten times as many at once as the smallest counter has, on a server too", async () => {
    const { take, used } = remote();
    const all = await Promise.all(Array.from({ length: 30 }, () => takeAll([ten, three], { take, cost: 1, now })));
    assert.equal(all.filter(admitted).length, 3);
    // The scarcest is asked first, so that the other one lost nothing to those who came too late.
    assert.equal(used(ten), 3);
  });

  it("lets nobody pass whose second counter was emptied after the look", async () => {
    const { take, used } = memory();
    const quick: Take = (bucket, quota, cost, at) => {
      if (bucket === "three" && cost > 0) take("ten", ten.quota, 10, at);
      return take(bucket, quota, cost, at);
    };
    assert.equal(admitted(await takeAll([ten, three], { take: quick, cost: 1, now })), false);
    assert.deepEqual([used(ten), used(three)], [10, 1]);
  });

  it("fails as the counters fail, without leaving a promise unwatched", async () => {
    const fail: Take = () => {
      throw new Error("away");
    };
    assert.throws(() => takeAll([three, ten], { take: fail, cost: 1, now }), /away/);
    const late: Take = (bucket) =>
      bucket === "three" ? Promise.reject(new Error("away")) : fail(bucket, ten.quota, 1, now);
    await assert.rejects(async () => takeAll([three, ten], { take: late, cost: 1, now }), /away/);
    await turn();
  });
});

describe("takeAnyway", () => {
  it("lets as many pass as takeAll, and makes those wait longer who go on asking", () => {
    const { take } = memory();
    const hit = (at: number) => atOnce(takeAnyway([three], { take, cost: 1, now: now + at }))[0] as Outcome;
    assert.deepEqual(
      [hit(0), hit(0), hit(0)].map((outcome) => outcome.admitted),
      [true, true, true],
    );
    assert.deepEqual(hit(0), { admitted: false, remaining: 0, resetMs: 4_000, waitMs: 2_000 });
    assert.equal(hit(1_000).admitted, false);
    const { admitted: passes, waitMs } = hit(2_000);
    assert.equal(passes, false);
    assert.equal(hit(2_000 + waitMs).admitted, true);
  });

  it("lets in again after at most twice the window, however often it was asked", () => {
    const { take } = memory();
    const hit = (at: number) => atOnce(takeAnyway([three], { take, cost: 1, now: now + at }))[0] as Outcome;
    for (let i = 0; i < 1000; i++) hit(0);
    assert.ok(hit(1).waitMs <= 6_000);
    assert.equal(hit(6_000).admitted, true);
  });

  it("counts a day as always", () => {
    const { take } = memory();
    const all = Array.from({ length: 5 }, () => admitted(atOnce(takeAnyway([aDay], { take, cost: 1, now }))));
    assert.deepEqual(all, [true, true, true, false, false]);
  });
});
