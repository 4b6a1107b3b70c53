import assert from "node:assert/strict";
import { ConfigError } from "../../lib/errors.ts";
import { credentialsStore } from "../../stores/credentials.ts";
import { storeContract } from "./contract.ts";
import { faulty } from "./contract-kit.ts";
import { keyRecord, userRecord } from "./records.ts";

const now = Date.now;

storeContract("the credentials store", async (seed) => ({ store: credentialsStore({ ...seed, now }) }), {
  writable: false,
  durable: false,
  shared: false,
});

describe("the credentials store", () => {
  it("denies a record that is not usable, and no other", async () => {
    const broken = { ...keyRecord("broken"), expiresAt: "never" as unknown as number };
    const store = credentialsStore({ keys: [broken, keyRecord("sound")], users: [], now });
    await assert.rejects(async () => store.get("key", "broken"), faulty("damaged"));
    assert.deepEqual(await store.get("key", "sound"), keyRecord("sound"));
    assert.equal(await store.findKeyByDigest(broken.secrets[0]!.digest), undefined);
    assert.deepEqual((await store.list("key", { limit: 9 })).items, [keyRecord("sound")]);
  });

  it("refuses settings in which it is not clear who is meant", () => {
    const twins = [keyRecord("a"), keyRecord("b", { secrets: keyRecord("a").secrets })];
    const unclear = [
      { keys: [keyRecord("a"), keyRecord("a")], users: [] },
      { keys: [], users: [userRecord("a"), userRecord("a")] },
      { keys: [keyRecord("")], users: [] },
      { keys: twins, users: [] },
    ];
    for (const settings of unclear) assert.throws(() => credentialsStore({ ...settings, now }), ConfigError);
  });

  it("leaves the settings it was given as they were", () => {
    const keys = [keyRecord("a")];
    const store = credentialsStore({ keys, users: [], now });
    assert.deepEqual(store.get("key", "a"), keys[0]);
    assert.equal(Object.isFrozen(keys[0]), false);
  });

  it("answers without a turn of the event loop", () => {
    const store = credentialsStore({ keys: [keyRecord("a")], users: [], now });
    assert.deepEqual(store.get("key", "a"), keyRecord("a"));
    assert.equal(store.claim("n", 2, 1), true);
  });
});
