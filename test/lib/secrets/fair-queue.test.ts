import assert from "node:assert/strict";
import fc from "fast-check";
import { type FairQueue, fairQueue } from "../../../lib/secrets/fair-queue.ts";

function drain<T>(queue: FairQueue<T>): T[] {
  const items: T[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

describe("fairQueue", () => {
  it("is first in, first out for one source", () => {
    const queue = fairQueue<number>({ limit: 9, perSource: 9 });
    for (const item of [1, 2, 3]) assert.deepEqual(queue.push("a", item), { accepted: true });
    assert.deepEqual(drain(queue), [1, 2, 3]);
  });

  it("lets sources take turns", () => {
    const queue = fairQueue<string>({ limit: 9, perSource: 9 });
    for (const item of ["a1", "a2", "a3", "b1", "c1", "c2"]) queue.push(item.charAt(0), item);
    assert.deepEqual(drain(queue), ["a1", "b1", "c1", "a2", "c2", "a3"]);
  });

  it("bounds each source and the whole", () => {
    const queue = fairQueue<number>({ limit: 3, perSource: 2 });
    const accepted = ["a", "a", "a", "b", "c"].map((source, item) => queue.push(source, item).accepted);
    assert.deepEqual(accepted, [true, true, false, true, true]);
    assert.deepEqual(drain(queue), [0, 3, 4]);
  });

  it("takes a place from the source that has most, the last one, when full", () => {
    const queue = fairQueue<string>({ limit: 4, perSource: 4 });
    for (const item of ["b1", "a1", "a2", "a3"]) queue.push(item.charAt(0), item);
    assert.deepEqual(queue.push("c", "c1"), { accepted: true, displaced: "a3" });
    assert.deepEqual(drain(queue), ["b1", "a1", "c1", "a2"]);
  });

  it("displaces nobody for a source that would then have as many", () => {
    const queue = fairQueue<string>({ limit: 4, perSource: 4 });
    for (const item of ["a1", "a2", "b1", "b2"]) queue.push(item.charAt(0), item);
    assert.deepEqual(queue.push("a", "a3"), { accepted: false });
    assert.deepEqual(queue.push("b", "b3"), { accepted: false });
  });

  it("accepts nothing with no room at all", () => {
    assert.deepEqual(fairQueue({ limit: 0, perSource: 1 }).push("a", 1), { accepted: false });
  });

  it("hands out exactly what it accepted and did not displace, within its bounds", () => {
    const pushes = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(pushes, (steps) => {
        const queue = fairQueue<number>({ limit: 5, perSource: 3 });
        const inside = new Set<number>();
        const leave = (item: number | undefined) => assert.ok(item === undefined || inside.delete(item));
        steps.forEach(([source, alsoShift], item) => {
          const { accepted, displaced } = queue.push(source, item);
          if (accepted) inside.add(item);
          leave(displaced);
          assert.ok(inside.size <= 5);
          if (alsoShift) leave(queue.shift());
        });
        assert.deepEqual(new Set(drain(queue)), inside);
      }),
    );
  });
});
