import assert from "node:assert/strict";
import { revoke, setDisabled } from "../../../lib/lifecycle/conditions.ts";
import { importToken, rotateKey } from "../../../lib/lifecycle/keys.ts";
import { publicKey, publicUser, stateOf } from "../../../lib/lifecycle/views.ts";
import { bcryptHash, context, later, masterKey, someKey, someUser } from "./records.ts";

const { now } = context;

describe("stateOf", () => {
  it("names the most final state", () => {
    const key = someKey();
    const expired = { ...key, expiresAt: now };
    assert.equal(stateOf(key, now), "active");
    assert.equal(stateOf({ ...key, notBefore: now + 1 }, now), "not-yet-valid");
    assert.equal(stateOf({ ...key, notBefore: now, expiresAt: now + 1 }, now), "active");
    assert.equal(stateOf(expired, now), "expired");
    assert.equal(stateOf(setDisabled(expired, true, later), now), "disabled");
    assert.equal(stateOf(revoke(setDisabled(expired, true, later), later), now), "revoked");
  });
});

describe("publicKey", () => {
  it("shows everything but the digests", () => {
    const key = {
      ...rotateKey(someKey(), { overlapMs: 1000, prefix: "gh" }, later).record,
      limit: { requests: 5, windowMs: 60_000 },
      expiresAt: now + 1000,
      lastUsedAt: now,
      lastUsedFrom: "192.0.2.1",
    };
    const view = publicKey(key, "gh", now);
    const [current, previous] = key.secrets;
    assert.deepEqual(view.credentials, [
      { masked: `gh_live_${key.id}_…${current?.lastFour}`, createdAt: "2030-01-01T13:00:00.000Z" },
      {
        masked: `gh_live_${key.id}_…${previous?.lastFour}`,
        createdAt: "2030-01-01T12:00:00.000Z",
        expiresAt: "2030-01-01T13:00:01.000Z",
      },
    ]);
    assert.equal(view.masked, view.credentials[0]?.masked);
    assert.deepEqual(view.limit, { requests: 5, windowSeconds: 60 });
    assert.deepEqual([view.expiresAt, view.lastUsedAt], ["2030-01-01T12:00:01.000Z", "2030-01-01T12:00:00.000Z"]);
    assert.deepEqual([view.lastUsedFrom, view.state, view.imported, view.version], ["192.0.2.1", "active", false, 2]);
    for (const word of ["sha256", "secret", "hash", "salt"]) assert.ok(!JSON.stringify(view).includes(word), word);
  });

  it("shows of an imported token its last characters at most", () => {
    const { record } = importToken("0123456789abcdefXYZ9", { name: "x" }, masterKey, context);
    const view = publicKey(record, "gh", now);
    assert.deepEqual([view.masked, view.imported], ["…XYZ9", true]);
    const none = publicKey({ ...record, secrets: [] }, "gh", now);
    assert.deepEqual([none.masked, none.imported, none.credentials], ["", false, []]);
  });
});

describe("publicUser", () => {
  it("shows nothing of the password", () => {
    const view = publicUser(someUser(), now);
    assert.deepEqual([view.id, view.state, view.createdBy], ["kate", "active", "alice"]);
    assert.equal(view.passwordKind, "bcrypt");
    assert.equal(publicUser({ ...someUser(), passwordHash: "$unknown$" }, now).passwordKind, "unusable");
    assert.ok(!JSON.stringify(view).includes(bcryptHash.slice(8)) && !("passwordHash" in view));
  });
});
