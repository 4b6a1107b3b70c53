import assert from "node:assert/strict";
import type { Change, Store } from "../../lib/store.ts";
import { type Features, type Open, provided, withStore } from "./contract-kit.ts";
import { keyRecord, userRecord } from "./records.ts";

/** Longest that another instance may take to hear of a change. */
const heardWithinMs = 1_000;

function record(store: Store): Change[] {
  const changes: Change[] = [];
  store.onChange((change) => changes.push(change));
  return changes;
}

async function until(condition: () => unknown, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    assert.ok(performance.now() < end, `not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export function changesContract(open: Open, features: Features): void {
  it("takes a listener and lets it go", () =>
    withStore(open, {}, async ({ store }) => {
      const end = store.onChange(() => assert.fail("nothing was changed"));
      end();
      end();
    }));

  provided(features.writable, "tells of a change of its own before the write resolves", () =>
    withStore(open, {}, async ({ store }) => {
      const changes = record(store);
      await store.put("key", keyRecord("a"));
      assert.deepEqual(changes, [{ kind: "key", id: "a" }]);
      await store.put("user", userRecord("a"));
      await store.remove("key", "a", 1);
      assert.deepEqual(changes.slice(1), [
        { kind: "user", id: "a" },
        { kind: "key", id: "a" },
      ]);
    }),
  );

  provided(features.writable, "tells nothing of a write that was refused", () =>
    withStore(open, {}, async ({ store }) => {
      const changes = record(store);
      await store.put("key", keyRecord("a", { version: 2 }));
      await store.remove("key", "a", 1);
      assert.deepEqual(changes, []);
    }),
  );

  provided(features.writable, "tells the other listeners when one fails, and none that has left", () =>
    withStore(open, {}, async ({ store }) => {
      const warned = new Promise((resolve) => process.once("warning", resolve));
      store.onChange(() => {
        throw new Error("a listener's own mistake");
      });
      const changes = record(store);
      const left: Change[] = [];
      store.onChange((change) => left.push(change))();
      await store.put("key", keyRecord("a"));
      assert.deepEqual([changes, left], [[{ kind: "key", id: "a" }], []]);
      assert.match(String(await warned), /a listener's own mistake/);
    }),
  );

  provided(features.shared, "tells of the changes of another instance, in their order", () =>
    withStore(open, {}, async ({ store, other }) => {
      const second = await other!();
      await Promise.all([store.ready(), second.ready()]);
      const changes = record(store);
      await second.put("key", keyRecord("a"));
      await second.put("key", keyRecord("a", { version: 2, revokedAt: 1 }));
      await until(() => changes.length >= 2, heardWithinMs);
      assert.deepEqual(changes, [
        { kind: "key", id: "a" },
        { kind: "key", id: "a" },
      ]);
      await second.close();
    }),
  );

  provided(features.shared, "sees what another instance wrote within 50 ms", () =>
    withStore(open, {}, async ({ store, other }) => {
      const second = await other!();
      await store.put("key", keyRecord("a"));
      assert.deepEqual(await store.get("key", "a"), keyRecord("a"));
      assert.equal(await second.put("key", keyRecord("a", { version: 2, revokedAt: 1 })), true);
      await until(async () => (await store.get("key", "a"))?.revokedAt === 1, 50);
      await second.close();
    }),
  );
}
