import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { failureThrottle } from "../../lib/failure-throttle.ts";
import { type RehearsalStep, rehearsalKeyring } from "../../lib/rehearsal.ts";
import { hashQueue } from "../../lib/secrets/hash-queue.ts";
import { digestImportedToken } from "../../lib/secrets/imported-token.ts";
import { hashPassword } from "../../lib/secrets/password-hash.ts";
import { memoryStore } from "../harness/memory-store.ts";
import { aKey, aUser } from "../support/records.ts";

const masterKey = createSecretKey(Buffer.alloc(32, 3));
const now = () => 1_000_000;
const source = () => "10.0.0.1";

describe("a rehearsed keyring", () => {
  const store = memoryStore();
  const throttle = failureThrottle({ perAddress: { capacity: 2, windowMs: 60_000 } });
  const { record, text } = aKey({ name: "one", scopes: ["read"], addresses: ["10.0.0.0/8"] });
  const imported = aKey({
    secrets: [{ digest: digestImportedToken("abc123", masterKey), lastFour: "", createdAt: 0 }],
  });
  let steps: RehearsalStep[];
  let writes = 0;
  const ring = () =>
    rehearsalKeyring(
      { store, prefix: "gh", masterKey, queue: hashQueue(), throttle, now },
      (step) => void steps.push(step),
    );

  before(async () => {
    await store.put("key", record);
    await store.put("key", imported.record);
    // SHA-1 of "password", as htpasswd writes it: a success would replace it.
    await store.put("user", aUser("old", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="));
    await store.put("user", aUser("alice", await hashPassword("correct horse")));
    store.beforePut = () => void writes++;
  });
  beforeEach(() => {
    steps = [];
  });

  it("says which key it found, and in what state it is", async () => {
    assert.deepEqual(await ring().proveToken(text, source), { record });
    const { id, name, environment, scopes, addresses, version } = record;
    const state = "active";
    assert.deepEqual(steps, [
      { step: "lookup", kind: "key", found: true, id, name, state, environment, scopes, addresses, version },
    ]);
  });

  it("says that a token was looked for, and names none that is not there", async () => {
    await ring().proveToken("abc123", source);
    await ring().proveToken("zzz999", source);
    assert.deepEqual(
      steps.map(({ by, found, id }) => [by, found, id]),
      [
        ["token", true, imported.record.id],
        ["token", false, undefined],
      ],
    );
    assert.equal(JSON.stringify(steps).includes("zzz999"), false);
  });

  it("proves a user, and replaces no hash", async () => {
    assert.equal((await ring().provePassword("alice", "correct horse", source)).record?.id, "alice");
    assert.equal((await ring().provePassword("old", "password", source)).record?.id, "old");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(writes, 0);
  });

  it("counts no failure and forgives none, but says who has to wait", async () => {
    for (let i = 0; i < 5; i++) await ring().provePassword("alice", "wrong", source);
    assert.equal(throttle.addressWaitMs("10.0.0.1", now()), 0);
    for (let i = 0; i < 3; i++) throttle.failed("10.0.0.1", "alice", now());
    const proof = await ring().provePassword("alice", "correct horse", source);
    assert.equal(proof.reason, "too-many-failures");
    assert.deepEqual(steps.at(-1), { step: "throttle", retryAfterSeconds: 30 });
    const once = failureThrottle({ perIdentity: { capacity: 1, windowMs: 60_000 } });
    once.failed("10.0.0.2", "alice", now());
    assert.ok(once.identityWaitMs("10.0.0.2", "alice", now()) > 0);
  });
});
