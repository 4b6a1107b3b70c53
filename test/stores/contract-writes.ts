import assert from "node:assert/strict";
import type { KeyRecord } from "../../lib/records.ts";
import type { Store } from "../../lib/store.ts";
import { type Features, faulty, type Open, provided, withStore } from "./contract-kit.ts";
import { digestOf, keyRecord, userRecord } from "./records.ts";

const revokedAt = 1_700_000_100_000;

function secret(text: string): KeyRecord["secrets"][number] {
  return { digest: digestOf(text), lastFour: "wxyz", createdAt: 1 };
}

export function writesContract(open: Open, features: Features): void {
  if (features.writable) {
    versionsContract(open);
    finalityContract(open);
    digestsContract(open);
    racesContract(open, features);
  } else {
    refusalContract(open);
    it("versions, revocation, digests and races of writes (do not apply to a read-only back end)");
  }
}

function refusalContract(open: Open): void {
  it("refuses to write as read-only, and changes nothing", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      await assert.rejects(store.put("key", keyRecord("k2")), faulty("read-only"));
      await assert.rejects(store.put("key", keyRecord("k1", { version: 2 })), faulty("read-only"));
      await assert.rejects(store.remove("key", "k1", 1), faulty("read-only"));
      assert.deepEqual((await store.list("key", { limit: 10 })).items, [keyRecord("k1")]);
    }));
}

function versionsContract(open: Open): void {
  it("writes a new record as version 1 only, and the next version only", () =>
    withStore(open, {}, async ({ store }) => {
      assert.equal(await store.put("user", userRecord("a", { version: 2 })), false);
      assert.equal(await store.put("user", userRecord("a")), true);
      assert.equal(await store.put("user", userRecord("a")), false);
      assert.equal(await store.put("user", userRecord("a", { version: 3 })), false);
      assert.equal(await store.put("user", userRecord("a", { version: 2, name: "new" })), true);
      assert.deepEqual(await store.get("user", "a"), userRecord("a", { version: 2, name: "new" }));
    }));

  it("removes the version that was named only", () =>
    withStore(open, {}, async ({ store }) => {
      assert.equal(await store.remove("key", "a", 1), false);
      await store.put("key", keyRecord("a"));
      assert.equal(await store.remove("key", "a", 2), false);
      assert.equal(await store.remove("user", "a", 1), false);
      assert.equal(await store.remove("key", "", 1), false);
      assert.equal(await store.remove("key", "a", 1), true);
      assert.equal(await store.get("key", "a"), undefined);
      assert.equal(await store.remove("key", "a", 1), false);
      assert.equal(await store.put("key", keyRecord("a")), true);
    }));

  it("refuses what is no record, and keeps what it has", () =>
    withStore(open, {}, async ({ store }) => {
      await store.put("key", keyRecord("a"));
      const wrong: readonly object[] = [
        { expiresAt: "never" },
        { expiresAt: Number.NaN },
        { disabled: "false" },
        { scopes: "admin" },
        { secrets: [{ ...secret("x"), digest: "" }] },
        { secrets: [secret("x"), secret("y"), secret("z")] },
        { version: 2.5 },
        { environment: "prod" },
        { description: "x".repeat(70_000) },
      ];
      for (const changes of wrong) {
        const record = { ...keyRecord("a", { version: 2 }), ...changes };
        await assert.rejects(store.put("key", record), /cannot be stored/, JSON.stringify(changes).slice(0, 40));
      }
      for (const id of ["", "x".repeat(256), "\ud800"]) {
        await assert.rejects(store.put("key", keyRecord(id)), TypeError);
      }
      assert.deepEqual((await store.list("key", { limit: 10 })).items, [keyRecord("a")]);
    }));
}

function finalityContract(open: Open): void {
  it("never revives a revoked record", () =>
    withStore(open, {}, async ({ store }) => {
      await store.put("key", keyRecord("a", { revokedAt }));
      const next = (changes: Partial<KeyRecord>) => store.put("key", keyRecord("a", { version: 2, ...changes }));
      assert.equal(await next({}), false);
      assert.equal(await next({ revokedAt: revokedAt + 1 }), false);
      assert.equal((await store.get("key", "a"))?.revokedAt, revokedAt);
      assert.equal(await next({ revokedAt, description: "why" }), true);
      assert.equal((await store.get("key", "a"))?.description, "why");
    }));
}

function digestsContract(open: Open): void {
  it("refuses a digest that belongs to another key, and leaves both as they were", () =>
    withStore(open, {}, async ({ store }) => {
      await store.put("key", keyRecord("a"));
      await store.put("key", keyRecord("b"));
      const thief = { secrets: [secret("fresh"), secret("a")], version: 2 };
      assert.equal(await store.put("key", keyRecord("b", thief)), false);
      assert.equal(await store.put("key", keyRecord("c", { secrets: [secret("a")] })), false);
      assert.equal((await store.findKeyByDigest(digestOf("a")))?.id, "a");
      assert.equal((await store.findKeyByDigest(digestOf("b")))?.id, "b");
      assert.equal(await store.findKeyByDigest(digestOf("fresh")), undefined);
      assert.equal(await store.get("key", "c"), undefined);
    }));

  it("finds a key by both secrets while they overlap, and by the old one no longer", () =>
    withStore(open, {}, async ({ store }) => {
      await store.put("key", keyRecord("a"));
      await store.put("key", keyRecord("a", { version: 2, secrets: [secret("new"), secret("a")] }));
      assert.equal((await store.findKeyByDigest(digestOf("a")))?.version, 2);
      assert.equal((await store.findKeyByDigest(digestOf("new")))?.version, 2);
      await store.put("key", keyRecord("a", { version: 3, secrets: [secret("new")] }));
      assert.equal(await store.findKeyByDigest(digestOf("a")), undefined);
      assert.equal(await store.put("key", keyRecord("b", { secrets: [secret("a")] })), true);
    }));

  it("frees the digests of a key that is removed", () =>
    withStore(open, {}, async ({ store }) => {
      await store.put("key", keyRecord("a"));
      await store.remove("key", "a", 1);
      assert.equal(await store.findKeyByDigest(digestOf("a")), undefined);
      assert.equal(await store.put("key", keyRecord("b", { secrets: [secret("a")] })), true);
    }));
}

/** Adds one to a number in the record, as often as it takes. */
async function increase(store: Store): Promise<number> {
  for (let attempts = 1; ; attempts += 1) {
    const record = await store.get("user", "a");
    assert.ok(record);
    const metadata = { count: String(Number(record.metadata.count ?? 0) + 1) };
    if (await store.put("user", { ...record, metadata, version: record.version + 1 })) return attempts;
  }
}

function racesContract(open: Open, features: Features): void {
  it("lets exactly one of fifty writers of a version win", () =>
    withStore(open, {}, async ({ store }) => {
      for (const version of [1, 2, 3]) {
        const writes = Array.from({ length: 50 }, (_, index) =>
          store.put("user", userRecord("a", { version, name: `writer ${index}` })),
        );
        const winners = (await Promise.all(writes)).flatMap((won, index) => (won ? [`writer ${index}`] : []));
        assert.equal(winners.length, 1);
        assert.equal((await store.get("user", "a"))?.name, winners[0]);
      }
    }));

  it("lets exactly one of fifty keys have a digest", () =>
    withStore(open, {}, async ({ store }) => {
      const writes = Array.from({ length: 50 }, (_, index) =>
        store.put("key", keyRecord(`k${index}`, { secrets: [secret("same")] })),
      );
      assert.equal((await Promise.all(writes)).filter(Boolean).length, 1);
      assert.equal((await store.list("key", { limit: 100 })).items.length, 1);
    }));

  it("loses no change of fifty writers that read, add one and write", () =>
    withStore(open, {}, async ({ store }) => {
      await store.put("user", userRecord("a"));
      await Promise.all(Array.from({ length: 50 }, () => increase(store)));
      const record = await store.get("user", "a");
      assert.deepEqual([record?.metadata.count, record?.version], ["50", 51]);
    }));

  it("creates a hundred records at once", () =>
    withStore(open, {}, async ({ store }) => {
      const ids = Array.from({ length: 100 }, (_, index) => `k${String(index).padStart(3, "0")}`);
      const written = await Promise.all(ids.map((id) => store.put("key", keyRecord(id))));
      assert.ok(written.every(Boolean));
      assert.deepEqual(
        (await store.list("key", { limit: 1_000 })).items.map(({ id }) => id),
        ids,
      );
    }));

  provided(features.shared, "loses no change of writers on two instances", () =>
    withStore(open, {}, async ({ store, other }) => {
      const second = await other!();
      await store.put("user", userRecord("a"));
      const writers = Array.from({ length: 20 }, (_, index) => increase(index % 2 === 0 ? store : second));
      await Promise.all(writers);
      assert.equal((await store.get("user", "a"))?.metadata.count, "20");
      await second.close();
    }),
  );

  provided(features.durable, "has everything after it was closed", () =>
    withStore(open, {}, async ({ store, reopen }) => {
      await store.put("key", keyRecord("a", { revokedAt }));
      await store.put("user", userRecord("alice"));
      const again = await reopen!();
      assert.deepEqual(await again.get("key", "a"), keyRecord("a", { revokedAt }));
      assert.deepEqual(await again.get("user", "alice"), userRecord("alice"));
      assert.equal((await again.findKeyByDigest(digestOf("a")))?.id, "a");
      assert.equal(await again.put("key", keyRecord("a", { version: 2 })), false);
      await again.close();
    }),
  );
}
