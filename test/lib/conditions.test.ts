import assert from "node:assert/strict";
import { conditionsJudge, principalOf, stateRefusal } from "../../lib/conditions.ts";
import { clientAddress } from "../../lib/net/client-address.ts";
import { aKey, aUser, facts } from "../support/records.ts";

const fromSocket = clientAddress({ trusted: undefined, header: "x-forwarded-for" });
const now = 1_000_000;

describe("stateRefusal", () => {
  it("lets a plain record be used", () => {
    assert.equal(stateRefusal(aKey().record, now), undefined);
  });

  it("names what stands against a record, the final things first", () => {
    const { record } = aKey({ expiresAt: now });
    assert.equal(stateRefusal(record, now), "expired");
    assert.equal(stateRefusal({ ...record, disabled: true }, now), "disabled");
    assert.equal(stateRefusal({ ...record, disabled: true, revokedAt: 1 }, now), "revoked");
  });

  it("ends with the millisecond of expiry and begins with that of not-before", () => {
    const { record } = aKey({ notBefore: now, expiresAt: now + 10 });
    assert.equal(stateRefusal(record, now - 1), "not-yet-valid");
    assert.equal(stateRefusal(record, now), undefined);
    assert.equal(stateRefusal(record, now + 9), undefined);
    assert.equal(stateRefusal(record, now + 10), "expired");
  });
});

describe("conditionsJudge", () => {
  const anything = conditionsJudge({ scopes: [] }, fromSocket);

  it("asks nothing of a record without conditions", () => {
    assert.deepEqual(anything(aKey().record, facts({}, { peer: undefined })), {});
  });

  it("matches scopes exactly and all of them", () => {
    const judge = conditionsJudge({ scopes: ["read", "write"] }, fromSocket);
    const reason = (scopes: string[]) => judge(aKey({ scopes }).record, facts()).refusal?.reason;
    assert.equal(reason(["write", "read"]), undefined);
    assert.equal(reason(["read"]), "scope-missing");
    for (const near of ["READ", "reader", "read write", "*", "read:all", ""])
      assert.equal(reason([near]), "scope-missing");
  });

  it("says which scope is missing", () => {
    const judge = conditionsJudge({ scopes: ["read", "write"] }, fromSocket);
    assert.equal(judge(aKey({ scopes: ["read"] }).record, facts()).refusal?.missingScope, "write");
  });

  it("keeps environments apart", () => {
    const judge = conditionsJudge({ scopes: [], environment: "production" }, fromSocket);
    assert.equal(judge(aKey({ environment: "sandbox" }).record, facts()).refusal?.reason, "environment-refused");
    assert.deepEqual(judge(aKey({ environment: "production" }).record, facts()), {});
  });

  it("holds a record to its own addresses before anything else", () => {
    const judge = conditionsJudge({ scopes: ["read"] }, fromSocket);
    const { record } = aKey({ addresses: ["10.0.0.0/8"] });
    const outside = judge(record, facts({}, { peer: "192.0.2.1" }));
    assert.equal(outside.refusal?.reason, "address-refused");
    assert.equal(outside.address, "192.0.2.1");
    assert.equal(judge(record, facts({}, { peer: "10.1.2.3" })).refusal?.reason, "scope-missing");
    assert.equal(judge({ ...record, scopes: ["read"] }, facts({}, { peer: "::ffff:10.1.2.3" })).refusal, undefined);
  });

  it("refuses a record with addresses when the caller's is not known", () => {
    const { record } = aKey({ addresses: ["10.0.0.0/8"] });
    assert.equal(anything(record, facts({}, { peer: undefined })).refusal?.reason, "address-unknown");
  });

  it("lets nobody use a record whose list cannot be read", () => {
    const { record } = aKey({ addresses: ["10.0.0.0/8", "everywhere"] });
    assert.equal(anything(record, facts({}, { peer: "10.1.2.3" })).refusal?.reason, "unusable-record");
  });

  it("follows a list that was changed", () => {
    const { record } = aKey({ addresses: ["10.0.0.0/8"] });
    assert.equal(anything(record, facts({}, { peer: "10.1.2.3" })).refusal, undefined);
    const moved = { ...record, addresses: ["192.0.2.0/24"], version: 2 };
    assert.equal(anything(moved, facts({}, { peer: "10.1.2.3" })).refusal?.reason, "address-refused");
  });

  it("keeps apart the lists of a key and a user of the same id", () => {
    const { record } = aKey({ addresses: ["10.0.0.0/8"] });
    const user = aUser(record.id, "", { addresses: ["192.0.2.0/24"] });
    assert.equal(anything(record, facts({}, { peer: "10.1.2.3" })).refusal, undefined);
    assert.equal(anything(user, facts({}, { peer: "10.1.2.3" })).refusal?.reason, "address-refused");
  });

  it("stays right when more lists are in use than it keeps", () => {
    for (let i = 0; i < 1100; i++) {
      const { record } = aKey({ id: `k${i}`, addresses: [`10.0.${i >> 8}.${i & 255}`] });
      assert.equal(anything(record, facts({}, { peer: `10.0.${i >> 8}.${i & 255}` })).refusal, undefined);
      assert.equal(anything(record, facts({}, { peer: "10.9.9.9" })).refusal?.reason, "address-refused");
    }
  });
});

describe("principalOf", () => {
  it("tells who it is, and none of the secrets", () => {
    const { record } = aKey({
      scopes: ["read"],
      expiresAt: now,
      limit: { requests: 5, windowMs: 1_000 },
      metadata: { customer: "7" },
    });
    assert.deepEqual(principalOf(record), {
      kind: "key",
      id: record.id,
      name: "A key",
      environment: "production",
      scopes: ["read"],
      keyKind: "server",
      limit: { requests: 5, windowMs: 1_000 },
      expiresAt: now,
      metadata: { customer: "7" },
    });
    assert.equal(principalOf(aUser("alice", "hash")).kind, "user");
    assert.doesNotMatch(JSON.stringify(principalOf(aUser("alice", "hash"))), /hash/);
  });
});
