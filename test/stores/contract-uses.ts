import assert from "node:assert/strict";
import type { KeyRecord } from "../../lib/records.ts";
import type { Change, RecordUse, Store } from "../../lib/store.ts";
import { type Features, type Open, provided, withStore } from "./contract-kit.ts";
import { digestOf, keyRecord, userRecord } from "./records.ts";

const at = 1_700_000_500_000;
const digest = digestOf("k1");

function use(id: string, changes: Partial<RecordUse> = {}): RecordUse {
  return { kind: "key", id, at, from: "192.0.2.7", secrets: [{ digest, at }], ...changes };
}

/** The record as the store reads it for a list, past any memory. */
async function stored(store: Store): Promise<KeyRecord | undefined> {
  return (await store.list("key", { limit: 1 })).items[0];
}

const [secret] = keyRecord("k1").secrets;
const used = keyRecord("k1", {
  lastUsedAt: at,
  lastUsedFrom: "192.0.2.7",
  secrets: [{ ...secret!, lastUsedAt: at }],
});

/** Last uses: noted beside all else that happens to a record. */
export function usesContract(open: Open, { writable, shared }: Features): void {
  it("passes over uses of what is not there", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      await store.touch([]);
      await store.touch([use("k2"), use("k1", { kind: "user" }), use(""), use("x".repeat(300)), use("\ud800")]);
      assert.deepEqual((await store.list("key", { limit: 9 })).items, [keyRecord("k1")]);
      assert.deepEqual((await store.list("user", { limit: 9 })).items, []);
    }));

  provided(writable, "notes when and from where a record and its secret were used, and changes no version", () =>
    withStore(open, { keys: [keyRecord("k1")], users: [userRecord("alice")] }, async ({ store }) => {
      await store.get("key", "k1");
      await store.touch([use("k1"), use("alice", { kind: "user", secrets: [] })]);
      assert.deepEqual(await store.get("key", "k1"), used);
      assert.deepEqual(await stored(store), used);
      assert.deepEqual(await store.findKeyByDigest(digest), used);
      const alice = userRecord("alice", { lastUsedAt: at, lastUsedFrom: "192.0.2.7" });
      assert.deepEqual(await store.get("user", "alice"), alice);
    }),
  );

  provided(writable, "tells nobody of a use", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      await store.ready();
      const told: Change[] = [];
      store.onChange((change) => told.push(change));
      await store.touch([use("k1")]);
      await store.put("key", keyRecord("k1", { version: 2 }));
      assert.deepEqual(told, [{ kind: "key", id: "k1" }]);
    }),
  );

  provided(writable, "keeps the later use, whatever comes late", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      await store.touch([use("k1")]);
      await store.touch([use("k1", { at: at - 1, from: "192.0.2.8", secrets: [{ digest, at: at - 1 }] })]);
      assert.deepEqual(await stored(store), used);
      await store.touch([use("k1", { secrets: [{ digest: digestOf("another"), at: at + 1 }] })]);
      assert.deepEqual(await stored(store), used);
      await store.touch([use("k1", { at: at + 2, from: "192.0.2.9", secrets: [] })]);
      assert.deepEqual(await stored(store), { ...used, lastUsedAt: at + 2, lastUsedFrom: "192.0.2.9" });
    }),
  );

  provided(writable, "keeps a use over a write of an older state, which is no conflict for it", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      await store.touch([use("k1")]);
      assert.equal(await store.put("key", keyRecord("k1", { version: 2, name: "new" })), true);
      assert.deepEqual(await stored(store), { ...used, version: 2, name: "new" });
      const later = { version: 3, lastUsedAt: at + 5, lastUsedFrom: "192.0.2.9" };
      assert.equal(await store.put("key", keyRecord("k1", later)), true);
      assert.deepEqual(await stored(store), { ...used, ...later });
    }),
  );

  provided(writable, "forgets the use of a secret with the secret, and that of a record with the record", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      await store.touch([use("k1")]);
      const fresh = { digest: digestOf("fresh"), lastFour: "wxyz", createdAt: 1 };
      await store.put("key", keyRecord("k1", { version: 2, secrets: [fresh] }));
      assert.deepEqual((await stored(store))?.secrets, [fresh]);
      assert.equal(await store.remove("key", "k1", 2), true);
      assert.equal(await store.put("key", keyRecord("k1")), true);
      assert.deepEqual(await stored(store), keyRecord("k1"));
    }),
  );

  provided(writable, "revives nothing", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      const revoked = { version: 2, revokedAt: at - 1000 };
      await store.put("key", keyRecord("k1", revoked));
      await store.touch([use("k1")]);
      assert.deepEqual(await stored(store), { ...used, ...revoked });
      assert.equal(await store.remove("key", "k1", 2), true);
      await store.touch([use("k1", { at: at + 1 })]);
      assert.equal(await stored(store), undefined);
      assert.equal(await store.get("key", "k1"), undefined);
    }),
  );

  provided(writable && shared, "loses no change to uses that come at the same time from another instance", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store, other }) => {
      assert.ok(other);
      const second = await other();
      try {
        const touches = Array.from({ length: 20 }, (_, i) => second.touch([use("k1", { at: at + i })]));
        for (let version = 2; version <= 12; version++) {
          assert.equal(await store.put("key", keyRecord("k1", { version, name: `n${version}` })), true, `${version}`);
        }
        await Promise.all(touches);
        const { name, version, lastUsedAt } = (await stored(store)) ?? {};
        assert.deepEqual({ name, version, lastUsedAt }, { name: "n12", version: 12, lastUsedAt: at + 19 });
      } finally {
        await second.close();
      }
    }),
  );
}
