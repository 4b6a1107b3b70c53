import assert from "node:assert/strict";
import { revoke, setDisabled, updateRecord } from "../../../lib/lifecycle/conditions.ts";
import { later, someKey, someUser } from "./records.ts";

describe("updateRecord", () => {
  it("changes what is given, keeps what is absent, and says who and when", () => {
    const key = { ...someKey(), expiresAt: 9, scopes: ["a"] };
    const changed = updateRecord(key, { name: "b", scopes: ["b"], description: undefined }, later);
    assert.deepEqual(changed, {
      ...key,
      name: "b",
      scopes: ["b"],
      version: 2,
      updatedAt: later.now,
      updatedBy: "bob",
    });
  });

  it("takes away what is null", () => {
    const key = { ...someKey(), expiresAt: 9, notBefore: 3, limit: { requests: 1, windowMs: 1 } };
    const changed = updateRecord(key, { expiresAt: null, limit: null }, later);
    assert.deepEqual(
      [changed.expiresAt, Object.hasOwn(changed, "expiresAt"), Object.hasOwn(changed, "limit")],
      [undefined, false, false],
    );
    assert.equal(changed.notBefore, 3);
  });

  it("leaves the given record alone", () => {
    const user = Object.freeze(someUser());
    assert.equal(updateRecord(user, { environment: "sandbox" }, later).environment, "sandbox");
    assert.equal(user.version, 1);
  });
});

describe("setDisabled", () => {
  it("switches off and on, and changes nothing that is so already", () => {
    const key = someKey();
    const off = setDisabled(key, true, later);
    assert.deepEqual([off.disabled, off.version], [true, 2]);
    assert.equal(setDisabled(off, true, later), off);
    assert.equal(setDisabled(off, false, later).disabled, false);
  });
});

describe("revoke", () => {
  it("keeps the time of the first revocation", () => {
    const revoked = revoke(someUser(), later);
    assert.deepEqual([revoked.revokedAt, revoked.version], [later.now, 2]);
    assert.equal(revoke(revoked, { now: later.now + 1, actor: "eve" }), revoked);
  });
});
