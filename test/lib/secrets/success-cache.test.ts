import assert from "node:assert/strict";
import { successCache } from "../../../lib/secrets/success-cache.ts";

describe("successCache", () => {
  it("knows a password that was added, for this record and version only", () => {
    const cache = successCache();
    cache.add("alice", 1, "secret", 0);
    assert.equal(cache.has("alice", 1, "secret", 1), true);
    assert.equal(cache.has("alice", 1, "Secret", 1), false);
    assert.equal(cache.has("alice", 2, "secret", 1), false);
    assert.equal(cache.has("bob", 1, "secret", 1), false);
  });

  it("keeps record, version and password apart", () => {
    const cache = successCache();
    cache.add("a", 1, "1:x", 0);
    for (const [id, version, password] of [
      ["a1", 1, ":x"],
      ["a", 11, ":x"],
      ["a", 1, ":1x"],
      ["", 1, "a1:x"],
    ] as const) {
      assert.equal(cache.has(id, version, password, 1), false, `${id} ${version} ${password}`);
    }
  });

  it("forgets after its time, and not before", () => {
    const cache = successCache({ ttlMs: 1000 });
    cache.add("alice", 1, "secret", 5000);
    assert.equal(cache.has("alice", 1, "secret", 5999), true);
    assert.equal(cache.has("alice", 1, "secret", 6000), false);
    assert.equal(cache.has("alice", 1, "secret", 5999), false);
  });

  it("never remembers longer than five minutes", () => {
    const cache = successCache({ ttlMs: 86_400_000 });
    cache.add("alice", 1, "secret", 0);
    assert.equal(cache.has("alice", 1, "secret", 299_999), true);
    assert.equal(cache.has("alice", 1, "secret", 300_000), false);
  });

  it("drops the oldest entry when full", () => {
    const cache = successCache({ entries: 2 });
    cache.add("a", 1, "x", 0);
    cache.add("b", 1, "x", 0);
    cache.add("a", 1, "x", 0);
    cache.add("c", 1, "x", 0);
    assert.deepEqual(
      ["a", "b", "c"].map((id) => cache.has(id, 1, "x", 1)),
      [true, false, true],
    );
  });

  it("holds no more than 1,000 entries, whatever is asked for", () => {
    const cache = successCache({ entries: 5000 });
    for (let index = 0; index <= 1000; index++) cache.add(`user ${index}`, 1, "x", 0);
    assert.equal(cache.has("user 0", 1, "x", 1), false);
    assert.equal(cache.has("user 1", 1, "x", 1), true);
  });

  it("forgets everything when cleared", () => {
    const cache = successCache();
    cache.add("alice", 1, "secret", 0);
    cache.clear();
    assert.equal(cache.has("alice", 1, "secret", 0), false);
  });

  it("names a triple by a text that tells nothing outside this cache", () => {
    const cache = successCache();
    assert.equal(cache.keyOf("alice", 1, "secret"), cache.keyOf("alice", 1, "secret"));
    assert.notEqual(cache.keyOf("alice", 1, "secret"), cache.keyOf("alice", 1, "Secret"));
    assert.notEqual(cache.keyOf("alice", 1, "secret"), successCache().keyOf("alice", 1, "secret"));
    assert.match(cache.keyOf("alice", 1, "secret"), /^[\w-]{43}$/);
  });
});
