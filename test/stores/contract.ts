import assert from "node:assert/strict";
import type { Store } from "../../lib/store.ts";
import { changesContract } from "./contract-changes.ts";
import { countersContract } from "./contract-counters.ts";
import { type Features, faulty, type Open, withStore } from "./contract-kit.ts";
import { usesContract } from "./contract-uses.ts";
import { writesContract } from "./contract-writes.ts";
import { digestOf, keyRecord, userRecord } from "./records.ts";

/** What holds for every store, whatever keeps it. */
export function storeContract(name: string, open: Open, features: Features): void {
  describe(`${name} keeps the contract of stores`, () => {
    readsContract(open);
    listsContract(open);
    countersContract(open, features);
    writesContract(open, features);
    usesContract(open, features);
    changesContract(open, features);
    closedContract(open);
  });
}

/** Names that look-ups in plain objects would find without anybody having stored them. */
const borrowedNames = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];
/** In the order of their UTF-8 bytes, which is not that of UTF-16 units for the last two. */
const unicodeIds = ["a b", "a/b", "a\u0000b", "ab", "zoë", "Ωmega", "ключ", "鍵", "\uffee", "😀"].sort((one, other) =>
  Buffer.compare(Buffer.from(one), Buffer.from(other)),
);

function readsContract(open: Open): void {
  it("finds a key and a user by id, and nothing under another id or kind", () =>
    withStore(open, { keys: [keyRecord("k1")], users: [userRecord("alice")] }, async ({ store }) => {
      assert.deepEqual(await store.get("key", "k1"), keyRecord("k1"));
      assert.deepEqual(await store.get("user", "alice"), userRecord("alice"));
      assert.equal(await store.get("user", "k1"), undefined);
      assert.equal(await store.get("key", "alice"), undefined);
      assert.equal(await store.get("key", "K1"), undefined);
    }));

  it("answers at once when ready", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      await store.ready();
      assert.deepEqual(await store.get("key", "k1"), keyRecord("k1"));
    }));

  it("finds nothing under names that every object has", () =>
    withStore(open, {}, async ({ store }) => {
      for (const id of borrowedNames) {
        assert.equal(await store.get("key", id), undefined, id);
        assert.equal(await store.get("user", id), undefined, id);
        assert.equal(await store.findKeyByDigest(id), undefined, id);
      }
    }));

  it("keeps records under names that every object has", () =>
    withStore(open, { keys: borrowedNames.map((id) => keyRecord(id)) }, async ({ store }) => {
      for (const id of borrowedNames) assert.deepEqual(await store.get("key", id), keyRecord(id));
      assert.equal((await store.list("key", { limit: 100 })).items.length, borrowedNames.length);
    }));

  it("keeps metadata under names that every object has, and changes no prototype", () => {
    const metadata = JSON.parse('{"__proto__":"x","constructor":"y"}');
    return withStore(open, { keys: [keyRecord("k1", { metadata })] }, async ({ store }) => {
      const found = await store.get("key", "k1");
      assert.deepEqual(Object.entries(found?.metadata ?? {}), Object.entries(metadata));
      assert.equal(({} as { readonly x?: string }).x, undefined);
      assert.equal(Object.getPrototypeOf(found?.metadata), Object.prototype);
    });
  });

  it("finds nothing under an id that no record can have", () =>
    withStore(open, { keys: [keyRecord("\ufffd")] }, async ({ store }) => {
      for (const id of ["", "x".repeat(256), "é".repeat(128), "x".repeat(1_000_000), "\ud800", "\udc00"]) {
        assert.equal(await store.get("key", id), undefined);
        assert.equal(await store.findKeyByDigest(id), undefined);
      }
    }));

  it("finds a key by the digest of an imported secret, not by that of a generated one", () => {
    const generated = keyRecord("k2", {
      secrets: [{ digest: digestOf("k2", "sha256"), lastFour: "efgh", createdAt: 1 }],
    });
    return withStore(open, { keys: [keyRecord("k1"), generated] }, async ({ store }) => {
      assert.deepEqual(await store.findKeyByDigest(digestOf("k1")), keyRecord("k1"));
      assert.equal(await store.findKeyByDigest(digestOf("k2", "sha256")), undefined);
      assert.equal(await store.findKeyByDigest(digestOf("k3")), undefined);
      assert.equal(await store.findKeyByDigest("k1"), undefined);
    });
  });

  it("hands out records that a caller cannot change for the next one", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      const found = await store.get("key", "k1");
      assert.ok(found);
      assert.equal(Reflect.set(found, "disabled", true), false);
      assert.equal(Reflect.set(found.scopes, 0, "admin"), false);
      assert.deepEqual(await store.get("key", "k1"), keyRecord("k1"));
    }));
}

function listsContract(open: Open): void {
  it("lists in the order of the ids' bytes", () =>
    withStore(open, { keys: unicodeIds.toReversed().map((id) => keyRecord(id)) }, async ({ store }) => {
      const { items, next } = await store.list("key", { limit: 1_000 });
      assert.deepEqual(
        items.map(({ id }) => id),
        unicodeIds,
      );
      assert.equal(next, undefined);
    }));

  it("lists each record on exactly one page, whatever the page's size", async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `k${String(index).padStart(2, "0")}`);
    await withStore(open, { keys: ids.map((id) => keyRecord(id)) }, async ({ store }) => {
      for (const limit of [1, 5, 6, 11, 12, 13]) assert.deepEqual(await walk(store, limit), ids, `pages of ${limit}`);
    });
  });

  it("goes on after an id that is not, or no longer, there", () =>
    withStore(open, { keys: ["a", "c"].map((id) => keyRecord(id)) }, async ({ store }) => {
      const idsAfter = async (after: string) =>
        (await store.list("key", { limit: 9, after })).items.map(({ id }) => id);
      assert.deepEqual(await idsAfter("b"), ["c"]);
      assert.deepEqual(await idsAfter("c"), []);
      assert.deepEqual(await idsAfter("a".repeat(5_000)), ["c"]);
    }));

  it("searches ids and names in any case, and pages what it found", () => {
    const users = [
      userRecord("alice", { name: "Alice Ångström" }),
      userRecord("bob", { name: "Bob" }),
      userRecord("carol", { name: "Carol, friend of ALICE" }),
    ];
    return withStore(open, { users }, async ({ store }) => {
      const first = await store.list("user", { limit: 1, search: "aLiCe" });
      assert.deepEqual([first.items.map(({ id }) => id), first.next], [["alice"], "alice"]);
      const second = await store.list("user", { limit: 1, search: "aLiCe", after: "alice" });
      assert.deepEqual([second.items.map(({ id }) => id), second.next], [["carol"], undefined]);
      assert.equal((await store.list("user", { limit: 9, search: "åNGSTRÖM" })).items.length, 1);
      assert.equal((await store.list("user", { limit: 9, search: ".*" })).items.length, 0);
      assert.equal((await store.list("key", { limit: 9, search: "alice" })).items.length, 0);
    });
  });

  it("refuses a page of no records, of more than 1,000 and of a part", () =>
    withStore(open, {}, async ({ store }) => {
      for (const limit of [0, -1, 1.5, 1_001, Number.NaN]) {
        await assert.rejects(async () => store.list("key", { limit }), RangeError);
      }
    }));
}

async function walk(store: Store, limit: number): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await store.list("key", after === undefined ? { limit } : { limit, after });
    assert.ok(page.items.length <= limit);
    ids.push(...page.items.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}

function closedContract(open: Open): void {
  it("refuses every operation once closed, and closes twice without complaint", () =>
    withStore(open, { keys: [keyRecord("k1")] }, async ({ store }) => {
      await store.ready();
      await store.close();
      await store.close();
      const quota = { capacity: 1, windowMs: 1_000 };
      const operations: readonly (() => unknown)[] = [
        () => store.ready(),
        () => store.get("key", "k1"),
        () => store.findKeyByDigest(digestOf("k1")),
        () => store.put("key", keyRecord("k2")),
        () => store.remove("key", "k1", 1),
        () => store.touch([{ kind: "key", id: "k1", at: 1, from: "192.0.2.1", secrets: [] }]),
        () => store.list("key", { limit: 1 }),
        () => store.take("b", quota, 1, 1),
        () => store.claim("n", 2, 1),
      ];
      for (const operation of operations) await assert.rejects(async () => operation(), faulty("closed"));
    }));
}
