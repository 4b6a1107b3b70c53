import assert from "node:assert/strict";
import fc from "fast-check";
import { oldestIn } from "../../stores/oldest.ts";

describe("the oldest entry of a map", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("add", "again", "delete", "ask"), fc.integer({ min: 0, max: 6 })), {
    maxLength: 200,
  });

  it("is the one that was set longest ago, whatever was set, set again and deleted meanwhile", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const map = new Map<number, object>();
        const oldest = oldestIn(map);
        const compare = () => assert.deepEqual(oldest()?.[0], map.keys().next().value);
        const actions = {
          add: (key: number) => map.has(key) || map.set(key, {}),
          again: (key: number) => map.delete(key) && map.set(key, {}),
          delete: (key: number) => map.delete(key),
          ask: compare,
        };
        for (const [step, key] of list) actions[step](key);
        compare();
      }),
    );
  });
});
