import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { keyring } from "../../lib/keyring.ts";
import { passwords } from "../../lib/passwords.ts";
import type { KeyRecord } from "../../lib/records.ts";
import { generateApiKey } from "../../lib/secrets/api-key.ts";
import { hashQueue } from "../../lib/secrets/hash-queue.ts";
import { digestImportedToken } from "../../lib/secrets/imported-token.ts";
import { successCache } from "../../lib/secrets/success-cache.ts";
import { credentialsStore } from "../../stores/credentials.ts";
import { aKey } from "../support/records.ts";

const now = () => 1_000_000;
const masterKey = createSecretKey(Buffer.alloc(32, 7));

function ringOf(keys: readonly KeyRecord[], withMasterKey = true) {
  const store = credentialsStore({ keys, users: [], now });
  const proving = passwords({
    store,
    queue: hashQueue(),
    cache: successCache(),
    now,
    onFault: (error) => assert.fail(String(error)),
  });
  return keyring({ store, prefix: "gh", masterKey: withMasterKey ? masterKey : undefined, passwords: proving, now });
}

describe("keyring", () => {
  it("proves a key by its text", async () => {
    const { record, text } = aKey();
    assert.deepEqual(await ringOf([record]).proveToken(text), { record });
  });

  it("knows the form of a key, whether or not there is one", () => {
    const ring = ringOf([]);
    assert.equal(ring.isKey(aKey().text), true);
    assert.equal(ring.isKey("abc123"), false);
    assert.equal(ring.isKey(generateApiKey({ prefix: "other", environment: "production" }).text), false);
  });

  it("refuses a key that was never made", async () => {
    assert.deepEqual(await ringOf([]).proveToken(aKey().text), { reason: "unknown" });
  });

  it("refuses another secret for the id of a key", async () => {
    const { record } = aKey();
    const { text } = generateApiKey({ prefix: "gh", environment: "production", id: record.id });
    assert.deepEqual(await ringOf([record]).proveToken(text), { reason: "wrong-secret", id: record.id });
  });

  it("refuses a key by its state", async () => {
    for (const [more, reason] of [
      [{ disabled: true }, "disabled"],
      [{ revokedAt: 1 }, "revoked"],
      [{ expiresAt: now() }, "expired"],
      [{ notBefore: now() + 1 }, "not-yet-valid"],
    ] as const) {
      const { record, text } = aKey(more);
      assert.deepEqual(await ringOf([record]).proveToken(text), { reason, id: record.id });
    }
  });

  it("takes the old secret until its overlap ends", async () => {
    const old = aKey();
    const fresh = aKey();
    const [oldSecret] = old.record.secrets;
    const [freshSecret] = fresh.record.secrets;
    assert.ok(oldSecret && freshSecret);
    const during = { ...old.record, secrets: [freshSecret, { ...oldSecret, expiresAt: now() + 1 }] };
    const after = { ...old.record, secrets: [freshSecret, { ...oldSecret, expiresAt: now() }] };
    assert.deepEqual(await ringOf([during]).proveToken(old.text), { record: during });
    assert.deepEqual(await ringOf([after]).proveToken(old.text), { reason: "expired", id: old.record.id });
  });

  it("knows a token that people brought along, under the master key only", async () => {
    const secrets = [{ digest: digestImportedToken("abc123", masterKey), lastFour: "", createdAt: 0 }];
    const { record } = aKey({ secrets });
    assert.deepEqual(await ringOf([record]).proveToken("abc123"), { record });
    assert.deepEqual(await ringOf([record]).proveToken("abc124"), { reason: "unknown" });
    assert.deepEqual(await ringOf([record], false).proveToken("abc123"), { reason: "unknown" });
  });

  it("looks nothing up for what cannot be a token", async () => {
    assert.deepEqual(await ringOf([]).proveToken("a b"), { reason: "unknown" });
  });

  it("takes the names of object members for plain names", async () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      assert.deepEqual(await ringOf([aKey().record]).proveToken(name), { reason: "unknown" });
    }
  });
});
