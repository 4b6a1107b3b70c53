import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { failureThrottle } from "../../lib/failure-throttle.ts";
import { keyring } from "../../lib/keyring.ts";
import { passwords } from "../../lib/passwords.ts";
import type { KeyRecord, UserRecord } from "../../lib/records.ts";
import { generateApiKey } from "../../lib/secrets/api-key.ts";
import { hashQueue } from "../../lib/secrets/hash-queue.ts";
import { digestImportedToken } from "../../lib/secrets/imported-token.ts";
import { hashPassword } from "../../lib/secrets/password-hash.ts";
import { successCache } from "../../lib/secrets/success-cache.ts";
import { type UsageLog, usageLog } from "../../lib/usage.ts";
import { credentialsStore } from "../../stores/credentials.ts";
import { aKey, aUser } from "../support/records.ts";

const now = () => 1_000_000;
const source = () => "192.0.2.1";
const masterKey = createSecretKey(Buffer.alloc(32, 7));

function ringOf(
  keys: readonly KeyRecord[],
  withMasterKey = true,
  throttle = failureThrottle(),
  more: { readonly usage?: UsageLog; readonly users?: readonly UserRecord[] } = {},
) {
  const store = credentialsStore({ keys, users: more.users ?? [], now });
  const proving = passwords({
    store,
    queue: hashQueue(),
    cache: successCache(),
    throttle,
    now,
    onFault: (error) => assert.fail(String(error)),
  });
  return keyring({
    store,
    prefix: "gh",
    masterKey: withMasterKey ? masterKey : undefined,
    passwords: proving,
    throttle,
    usage: more.usage,
    now,
  });
}

describe("keyring", () => {
  it("proves a key by its text", async () => {
    const { record, text } = aKey();
    assert.deepEqual(await ringOf([record]).proveToken(text, source), { record });
  });

  it("notes the use of what it proves, by the secret and from where, and nothing of what it refuses", async () => {
    const usage = usageLog({ now });
    const { record, text } = aKey();
    const other = aKey({ disabled: true });
    const imported = { ...aKey().record, secrets: [] as KeyRecord["secrets"] };
    const digest = digestImportedToken("abc123", masterKey);
    const keys = [record, other.record, { ...imported, secrets: [{ digest, lastFour: "c123", createdAt: 0 }] }];
    const users = [aUser("kate", await hashPassword("correct horse"))];
    const ring = ringOf(keys, true, failureThrottle(), { usage, users });
    for (const token of [text, other.text, aKey().text, `${text}x`, "abc123", "abc124"])
      await ring.proveToken(token, source);
    for (const password of ["correct horse", "wrong horse"]) await ring.provePassword("kate", password, source);
    const use = (kind: string, id: string, secrets: readonly object[]) => ({
      kind,
      id,
      at: now(),
      from: source(),
      secrets,
    });
    assert.deepEqual(usage.due(), [
      use("key", record.id, [{ digest: record.secrets[0]?.digest, at: now() }]),
      use("key", imported.id, [{ digest, at: now() }]),
      use("user", "kate", []),
    ]);
  });

  it("knows the form of a key, whether or not there is one", () => {
    const ring = ringOf([]);
    assert.equal(ring.isKey(aKey().text), true);
    assert.equal(ring.isKey("abc123"), false);
    assert.equal(ring.isKey(generateApiKey({ prefix: "other", environment: "production" }).text), false);
  });

  it("refuses a key that was never made", async () => {
    const { text, record } = aKey();
    assert.deepEqual(await ringOf([]).proveToken(text, source), { reason: "unknown", attempted: record.id });
  });

  it("refuses another secret for the id of a key", async () => {
    const { record } = aKey();
    const { text } = generateApiKey({ prefix: "gh", environment: "production", id: record.id });
    assert.deepEqual(await ringOf([record]).proveToken(text, source), { reason: "secret-mismatch", id: record.id });
  });

  it("refuses a key by its state", async () => {
    for (const [more, reason] of [
      [{ disabled: true }, "disabled"],
      [{ revokedAt: 1 }, "revoked"],
      [{ expiresAt: now() }, "expired"],
      [{ notBefore: now() + 1 }, "not-yet-valid"],
    ] as const) {
      const { record, text } = aKey(more);
      assert.deepEqual(await ringOf([record]).proveToken(text, source), { reason, id: record.id });
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
    assert.deepEqual(await ringOf([during]).proveToken(old.text, source), { record: during });
    assert.deepEqual(await ringOf([after]).proveToken(old.text, source), { reason: "expired", id: old.record.id });
  });

  it("knows a token that people brought along, under the master key only", async () => {
    const secrets = [{ digest: digestImportedToken("abc123", masterKey), lastFour: "", createdAt: 0 }];
    const { record } = aKey({ secrets });
    assert.deepEqual(await ringOf([record]).proveToken("abc123", source), { record });
    const attempted = digestImportedToken("abc124", masterKey);
    assert.deepEqual(await ringOf([record]).proveToken("abc124", source), { reason: "unknown", attempted });
    assert.deepEqual(await ringOf([record], false).proveToken("abc123", source), { reason: "unknown" });
  });

  it("looks nothing up for what cannot be a token", async () => {
    assert.deepEqual(await ringOf([]).proveToken("a b", source), { reason: "unknown" });
  });

  it("takes the names of object members for plain names", async () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      assert.equal((await ringOf([aKey().record]).proveToken(name, source)).reason, "unknown");
    }
  });

  it("listens to a right key however often wrong ones came from its address", async () => {
    const { record, text } = aKey();
    const ring = ringOf([record]);
    for (let i = 0; i < 30; i++) assert.equal((await ring.proveToken(aKey().text, source)).reason, "unknown");
    const beyond = await ring.proveToken(aKey().text, source);
    assert.equal(beyond.reason, "too-many-failures");
    assert.ok((beyond.waitMs ?? 0) > 0);
    assert.deepEqual(await ring.proveToken(text, source), { record });
  });

  it("does not listen to imported tokens from an address that failed too often", async () => {
    const secrets = [{ digest: digestImportedToken("abc123", masterKey), lastFour: "", createdAt: 0 }];
    const { record } = aKey({ secrets });
    const ring = ringOf([record]);
    for (let i = 0; i < 30; i++) await ring.proveToken(`guess${i}`, source);
    assert.equal((await ring.proveToken("abc123", source)).reason, "too-many-failures");
    assert.deepEqual(await ring.proveToken("abc123", () => "192.0.2.2"), { record });
  });
});
