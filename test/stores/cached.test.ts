import assert from "node:assert/strict";
import { StoreError } from "../../lib/errors.ts";
import type { Change, Store } from "../../lib/store.ts";
import { type CachedOptions, cachedStore } from "../../stores/cached.ts";
import { fakeServer } from "./fake-server.ts";
import { digestOf, keyRecord, userRecord } from "./records.ts";

type Server = ReturnType<typeof fakeServer>;

/** Far more than the tests take, so that what they see does not come from the timer. */
const never = 3_600_000;

async function withCached(
  test: (all: { server: Server; store: Store; clock: { now: number }; changes: Change[] }) => Promise<void>,
  options: Partial<CachedOptions> = {},
): Promise<void> {
  const server = fakeServer();
  const clock = { now: 1_000_000 };
  const store = cachedStore(server.connect(), { now: () => clock.now, pollMs: never, ...options });
  const changes: Change[] = [];
  try {
    await store.ready();
    store.onChange((change) => changes.push(change));
    await test({ server, store, clock, changes });
  } finally {
    await store.close();
  }
}

const revoked = keyRecord("a", { version: 2, revokedAt: 1 });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the cache of a store on a server", () => {
  it("asks once, then answers at once", () =>
    withCached(async ({ server, store }) => {
      server.write("key", keyRecord("a"));
      assert.deepEqual(await store.get("key", "a"), keyRecord("a"));
      assert.deepEqual(store.get("key", "a"), keyRecord("a"));
      assert.deepEqual(await store.findKeyByDigest(digestOf("a")), keyRecord("a"));
      assert.deepEqual(store.findKeyByDigest(digestOf("a")), keyRecord("a"));
      assert.equal(server.reads, 2);
    }));

  it("keeps nothing of what is not there", () =>
    withCached(async ({ server, store }) => {
      assert.equal(await store.get("key", "a"), undefined);
      assert.equal(await store.findKeyByDigest(digestOf("a")), undefined);
      server.silently(() => server.write("key", keyRecord("a")));
      assert.equal((await store.get("key", "a"))?.id, "a");
      assert.equal((await store.findKeyByDigest(digestOf("a")))?.id, "a");
    }));

  it("forgets what was not used for longest when it is full", () =>
    withCached(
      async ({ server, store }) => {
        for (const id of ["a", "b", "c"]) server.write("user", userRecord(id));
        for (const id of ["a", "b", "a", "c", "a"]) await store.get("user", id);
        assert.equal(server.reads, 3);
        assert.ok(store.get("user", "c") instanceof Promise === false);
        assert.ok(store.get("user", "b") instanceof Promise);
      },
      { entries: 2 },
    ));

  it("drops a record the moment that a notice of its change comes", () =>
    withCached(async ({ server, store, changes }) => {
      server.write("key", keyRecord("a"));
      await store.get("key", "a");
      server.write("key", revoked);
      assert.deepEqual(await store.get("key", "a"), revoked);
      assert.deepEqual(changes.length, 2);
    }));

  it("does not find a key by a digest that is no longer its own", () =>
    withCached(async ({ server, store }) => {
      server.write("key", keyRecord("a"));
      await store.findKeyByDigest(digestOf("a"));
      server.write("key", keyRecord("a", { version: 2, secrets: keyRecord("b").secrets }));
      await store.get("key", "a");
      assert.equal(await store.findKeyByDigest(digestOf("a")), undefined);
      assert.equal((await store.findKeyByDigest(digestOf("b")))?.id, "a");
    }));

  it("keeps no answer that was on its way when the record changed", () =>
    withCached(async ({ server, store }) => {
      server.write("key", keyRecord("a"));
      const answer = server.holdNextAnswer();
      const asked = store.get("key", "a");
      server.write("key", revoked);
      answer.release();
      assert.deepEqual(await asked, keyRecord("a"));
      assert.deepEqual(await store.get("key", "a"), revoked);
    }));

  it("keeps no answer that was on its way when any record may have changed", () =>
    withCached(async ({ server, store }) => {
      server.write("key", keyRecord("a"));
      const answer = server.holdNextAnswer();
      const asked = store.findKeyByDigest(digestOf("a"));
      server.silently(() => server.write("key", revoked));
      server.forgetChanges();
      server.write("user", userRecord("u"));
      await turn();
      answer.release();
      await asked;
      assert.deepEqual(await store.findKeyByDigest(digestOf("a")), revoked);
    }));

  it("learns of a change whose notice was lost by asking", async () => {
    await withCached(
      async ({ server, store, changes }) => {
        server.write("key", keyRecord("a"));
        await store.get("key", "a");
        server.silently(() => server.write("key", revoked));
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.deepEqual(await store.get("key", "a"), revoked);
        assert.equal(changes.length, 2);
      },
      { pollMs: 5 },
    );
  });

  it("asks for what it missed when a notice comes too early, and tells each change once and in order", () =>
    withCached(async ({ server, store, changes }) => {
      server.write("key", keyRecord("a"));
      await store.get("key", "a");
      server.silently(() => server.write("key", revoked));
      server.write("user", userRecord("u"));
      server.repeatNotices();
      await turn();
      assert.deepEqual(await store.get("key", "a"), revoked);
      const expected = ["key:a", "key:a", "user:u"];
      assert.deepEqual(
        changes.map(({ kind, id }) => `${kind}:${id}`),
        expected,
      );
    }));

  it("answers at once for a second after the last look at the server only", () =>
    withCached(async ({ server, store, clock }) => {
      server.write("key", keyRecord("a"));
      await store.get("key", "a");
      clock.now += 999;
      assert.deepEqual(store.get("key", "a"), keyRecord("a"));
      clock.now += 1;
      server.silently(() => server.write("key", revoked));
      assert.deepEqual(await store.get("key", "a"), revoked);
    }));

  it("does not answer of itself after the clock was set back", () =>
    withCached(async ({ server, store, clock }) => {
      server.write("key", keyRecord("a"));
      await store.get("key", "a");
      clock.now -= 1;
      assert.ok(store.get("key", "a") instanceof Promise);
    }));

  it("counts a look at the server from its beginning", () =>
    withCached(async ({ server, store, clock }) => {
      server.write("key", keyRecord("a"));
      await store.get("key", "a");
      const answer = server.holdNextAnswer();
      const put = store.put("user", userRecord("u"));
      await turn();
      clock.now += 999;
      answer.release();
      await put;
      clock.now += 1;
      assert.ok(store.get("key", "a") instanceof Promise);
    }));

  it("answers for nothing in an outage, and after it for what did not change", () =>
    withCached(async ({ server, store, changes }) => {
      for (const id of ["a", "b"]) server.write("key", keyRecord(id));
      for (const id of ["a", "b"]) await store.get("key", id);
      server.cut();
      await assert.rejects(async () => store.get("key", "a"), { code: "unreachable" });
      server.write("key", revoked);
      server.mend();
      await turn();
      assert.deepEqual(await store.get("key", "a"), revoked);
      assert.deepEqual(store.get("key", "b"), keyRecord("b"));
      assert.deepEqual(changes.at(-1), { kind: "key", id: "a" });
    }));

  it("answers in an outage as long as it was told to, and no longer", () =>
    withCached(
      async ({ server, store, clock }) => {
        server.write("key", keyRecord("a"));
        await store.get("key", "a");
        server.cut();
        clock.now += 59_999;
        assert.deepEqual(store.get("key", "a"), keyRecord("a"));
        await assert.rejects(async () => store.get("key", "b"), { code: "unreachable" });
        clock.now += 1;
        await assert.rejects(async () => store.get("key", "a"), { code: "unreachable" });
      },
      { staleMs: 60_000 },
    ));

  it("answers for nothing when the store is gone, whatever it was told of outages", () =>
    withCached(
      async ({ server, store }) => {
        server.write("key", keyRecord("a"));
        await store.get("key", "a");
        server.fail(new StoreError("missing", "gone"));
        await assert.rejects(store.put("key", revoked), { code: "missing" });
        server.cut();
        server.mend();
        await turn();
        await assert.rejects(async () => store.get("key", "a"), { code: "missing" });
      },
      { staleMs: 60_000 },
    ));

  it("forgets everything, and says so, when it cannot know what changed", () =>
    withCached(async ({ server, store, changes }) => {
      server.write("key", keyRecord("a"));
      await store.get("key", "a");
      server.cut();
      server.write("key", revoked);
      server.forgetChanges();
      server.mend();
      await turn();
      assert.deepEqual(changes.slice(1), [{ kind: "key" }, { kind: "user" }]);
      assert.deepEqual(await store.get("key", "a"), revoked);
      server.write("user", userRecord("u"));
      assert.deepEqual(changes.at(-1), { kind: "user", id: "u" });
    }));

  it("follows a server that lost changes back to where it is", () =>
    withCached(async ({ server, store, changes }) => {
      server.write("key", keyRecord("a"));
      server.write("key", revoked);
      assert.deepEqual(await store.get("key", "a"), revoked);
      server.cut();
      server.goBack(1, () => server.put("key", keyRecord("a")));
      server.mend();
      await turn();
      assert.deepEqual(await store.get("key", "a"), keyRecord("a"));
      server.write("key", revoked);
      assert.deepEqual(changes.at(-1), { kind: "key", id: "a" });
      assert.deepEqual(await store.get("key", "a"), revoked);
    }));

  it("tells a change of its own once, before the write resolves, with and without a notice", () =>
    withCached(async ({ server, store, changes }) => {
      assert.equal(await store.put("key", keyRecord("a")), true);
      assert.deepEqual(changes, [{ kind: "key", id: "a" }]);
      server.muted = true;
      assert.equal(await store.put("key", revoked), true);
      assert.equal(await store.put("key", revoked), false);
      assert.equal(await store.remove("key", "a", 2), true);
      server.repeatNotices();
      await turn();
      assert.equal(changes.length, 3);
    }));

  it("tells a change of its own when the connection is lost right after it", () =>
    withCached(async ({ server, store, changes }) => {
      server.muted = true;
      server.cutAfterWrite = true;
      assert.equal(await store.put("key", keyRecord("a")), true);
      assert.deepEqual(changes, [{ kind: "key", id: "a" }]);
    }));

  it("forgets a record when it is not known whether a write took place", () =>
    withCached(async ({ server, store }) => {
      await store.put("key", keyRecord("a"));
      await store.get("key", "a");
      server.loseAnswer = true;
      server.muted = true;
      await assert.rejects(store.put("key", revoked), { code: "unreachable" });
      assert.deepEqual(await store.get("key", "a"), revoked);
    }));

  it("tells changes from the first write on when it was not opened before", async () => {
    const server = fakeServer();
    const store = cachedStore(server.connect(), { now: () => 0, pollMs: never });
    const changes: Change[] = [];
    store.onChange((change) => changes.push(change));
    await store.put("key", keyRecord("a"));
    assert.deepEqual(changes, [{ kind: "key", id: "a" }]);
    await store.close();
  });

  it("takes and claims at the server, and looks for changes no more once closed", () =>
    withCached(
      async ({ server, store }) => {
        await store.close();
        const looks = server.looks;
        await new Promise((resolve) => setTimeout(resolve, 10));
        assert.equal(server.looks, looks);
        for (const operation of [
          () => store.get("key", "a"),
          () => store.ready(),
          () => store.put("key", keyRecord("a")),
          () => store.take("b", { capacity: 1, windowMs: 1 }, 1, 1),
          () => store.claim("n", 2, 1),
          () => store.list("key", { limit: 1 }),
        ]) {
          await assert.rejects(async () => operation(), { code: "closed" });
        }
      },
      { pollMs: 2 },
    ));
});
