import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type EmbeddedStore, embeddedStore } from "../../stores/embedded.ts";
import { openStore } from "../../stores/open.ts";
import { storeContract } from "./contract.ts";
import { faulty, type Open } from "./contract-kit.ts";
import { storeInOtherProcess } from "./other-process.ts";
import { keyRecord, userRecord } from "./records.ts";
import { temporaryFolder } from "./temporary.ts";

const now = Date.now;

function openIn(folder: string): EmbeddedStore {
  return embeddedStore({ folder, now });
}

const openWith =
  (other: (folder: string) => ReturnType<typeof openIn> | ReturnType<typeof storeInOtherProcess>): Open =>
  async ({ keys, users }) => {
    const folder = temporaryFolder();
    const store = openIn(folder);
    await Promise.all(keys.map((key) => store.put("key", key)));
    await Promise.all(users.map((user) => store.put("user", user)));
    const reopen = async () => {
      await store.close();
      return openIn(folder);
    };
    return { store, reopen, other: async () => other(folder) };
  };

const everything = { writable: true, durable: true, shared: true };

storeContract("the embedded store", openWith(openIn), everything);
storeContract("the embedded store, shared with another process,", openWith(storeInOtherProcess), everything);

describe("the embedded store", () => {
  it("answers without a turn of the event loop once it is ready", async () => {
    const store = openIn(temporaryFolder());
    await store.put("key", keyRecord("a"));
    assert.deepEqual(store.get("key", "a"), keyRecord("a"));
    assert.equal(store.get("key", "b"), undefined);
    await store.close();
  });

  it("may be asked before it is ready", async () => {
    const store = openIn(temporaryFolder());
    const answers = [
      store.get("key", "a"),
      store.take("b", { capacity: 1, windowMs: 1 }, 1, 1),
      store.claim("n", 2, 1),
    ];
    assert.deepEqual((await Promise.all(answers)).length, 3);
    await store.close();
  });

  it("may be closed before it was used, and while it opens", async () => {
    const unused = openIn(temporaryFolder());
    await unused.close();
    const folder = temporaryFolder();
    const store = openIn(folder);
    const written = store.put("key", keyRecord("a"));
    await store.close();
    assert.equal(await written, true);
    const again = openIn(folder);
    assert.deepEqual(await again.get("key", "a"), keyRecord("a"));
    await again.close();
  });

  it("finishes what is under way before it closes", async () => {
    const folder = temporaryFolder();
    const store = openIn(folder);
    await store.ready();
    const writes = Array.from({ length: 200 }, (_, index) => store.put("key", keyRecord(`k${index}`)));
    const list = store.list("key", { limit: 1_000 });
    await store.close();
    assert.ok((await Promise.all(writes)).every(Boolean));
    await list;
    const again = openIn(folder);
    assert.equal((await again.list("key", { limit: 1_000 })).items.length, 200);
    await again.close();
  });

  it("keeps working for others in the process when one of them closes", async () => {
    const folder = temporaryFolder();
    const [one, two] = [openIn(folder), openIn(join(folder, "..", "store"))];
    await one.put("key", keyRecord("a"));
    const heard: unknown[] = [];
    one.onChange((change) => heard.push(change));
    assert.deepEqual(await two.get("key", "a"), keyRecord("a"));
    await one.close();
    await one.close();
    assert.equal(await two.put("key", keyRecord("b")), true);
    assert.deepEqual(two.get("key", "a"), keyRecord("a"));
    assert.deepEqual(heard, []);
    const three = openIn(folder);
    await Promise.all([two.close(), three.ready()]);
    assert.deepEqual(three.get("key", "b"), keyRecord("b"));
    await three.close();
  });

  it("can be closed and opened again at once, many times over", async () => {
    const folder = temporaryFolder();
    for (let round = 1; round <= 20; round += 1) {
      const store = openIn(folder);
      assert.equal(await store.put("user", userRecord("a", { version: round })), true);
      const closed = store.close();
      if (round % 2 === 0) await closed;
    }
  });

  it("tells which store it is, the same after each start", async () => {
    const folder = temporaryFolder();
    const store = openIn(folder);
    const storeId = await store.storeId();
    await store.close();
    const again = embeddedStore({ folder, now, expectedStoreId: storeId });
    assert.equal(await again.storeId(), storeId);
    const wrong = embeddedStore({ folder, now, expectedStoreId: "A".repeat(22) });
    await assert.rejects(wrong.ready(), faulty("missing"));
    await wrong.close();
    await again.ready();
    await again.close();
  });

  it("opens by the name of its back end", async () => {
    const store = openStore({ backend: "embedded", folder: temporaryFolder(), now });
    assert.equal(store.backend, "embedded");
    await store.ready();
    await store.close();
    assert.equal(openStore({ backend: "credentials", keys: [], users: [], now }).backend, "credentials");
  });

  it("says so when the folder cannot be made", async () => {
    const store = openIn("/dev/null/store");
    await assert.rejects(store.ready(), faulty("unreachable"));
    await assert.rejects(async () => store.get("key", "a"), faulty("unreachable"));
    await store.close();
  });
});

describe("the embedded store's files", () => {
  if (process.platform === "win32") return;

  const mode = (path: string) => statSync(path).mode & 0o777;
  const checkModes = (folder: string) => {
    assert.equal(mode(folder), 0o700);
    const names = readdirSync(folder);
    assert.ok(names.includes("STORE.json") && names.includes("gatehouse.mdb") && names.length >= 5, String(names));
    for (const name of names) assert.equal(mode(join(folder, name)), 0o600, name);
  };

  for (const umask of [0o000, 0o022, 0o077]) {
    it(`are the owner's alone with umask ${umask.toString(8).padStart(3, "0")}`, async () => {
      const folder = temporaryFolder();
      const before = process.umask(umask);
      const store = openIn(folder);
      await store.put("key", keyRecord("a"));
      await store.take("b", { capacity: 1, windowMs: 1 }, 1, 1);
      process.umask(before);
      checkModes(folder);
      await store.close();
    });
  }

  it("are closed to others again when a backup left them open", async () => {
    const folder = temporaryFolder();
    const store = openIn(folder);
    await store.ready();
    await store.close();
    chmodSync(folder, 0o755);
    for (const name of readdirSync(folder)) if (name !== "STORE.json") chmodSync(join(folder, name), 0o644);
    const again = openIn(folder);
    await again.ready();
    checkModes(folder);
    await again.close();
  });

  it("leave a folder that was there before as it was", async () => {
    const folder = temporaryFolder();
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    const store = openIn(folder);
    await store.ready();
    assert.equal(mode(folder), 0o755);
    await store.close();
  });
});
