import assert from "node:assert/strict";
import { memoryCounters } from "../../stores/memory-counters.ts";
import { faulty } from "./contract-kit.ts";

const once = { capacity: 1, windowMs: 1_000 };

describe("counters in memory", () => {
  const isAllowed = (counters: ReturnType<typeof memoryCounters>, name: string, now: number) =>
    counters.take(name, once, 1, now).allowed;

  it("forget the bucket that was not used for longest when there are too many", () => {
    const counters = memoryCounters({ mostBuckets: 2 });
    counters.take("a", { capacity: 2, windowMs: 1_000 }, 1, 0);
    counters.take("b", once, 1, 0);
    counters.take("a", { capacity: 2, windowMs: 1_000 }, 1, 1);
    counters.take("c", once, 1, 2);
    assert.equal(isAllowed(counters, "a", 3), false);
    assert.equal(isAllowed(counters, "c", 3), false);
    assert.equal(isAllowed(counters, "b", 3), true);
  });

  it("forget full buckets before live ones", () => {
    const counters = memoryCounters({ mostBuckets: 2 });
    counters.take("ended", once, 1, 0);
    counters.take("live", once, 1, 900);
    counters.take("new", once, 1, 1_100);
    assert.equal(isAllowed(counters, "live", 1_200), false);
    assert.equal(isAllowed(counters, "new", 1_200), false);
  });

  it("refuse a nonce as a fault when all they can hold are live", () => {
    const counters = memoryCounters({ mostNonces: 3 });
    for (const nonce of ["a", "b", "c"]) assert.equal(counters.claim(nonce, 100, 0), true);
    assert.throws(() => counters.claim("d", 100, 50), faulty("unreachable"));
    assert.throws(() => counters.claim("d", 100, 51), faulty("unreachable"));
    assert.equal(counters.claim("a", 100, 50), false);
    assert.equal(counters.claim("d", 200, 100), true);
  });

  it("make room for a nonce when one of those in the middle has ended", () => {
    const counters = memoryCounters({ mostNonces: 4 });
    for (const [nonce, end] of [
      ["a", 100],
      ["b", 100],
      ["c", 10],
      ["d", 100],
    ] as const)
      counters.claim(nonce, end, 0);
    assert.equal(counters.claim("e", 100, 10), true);
    assert.throws(() => counters.claim("f", 100, 10), faulty("unreachable"));
    for (const nonce of ["a", "b", "d", "e"]) assert.equal(counters.claim(nonce, 100, 10), false);
  });
});
