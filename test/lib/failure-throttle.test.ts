import assert from "node:assert/strict";
import { failureThrottle } from "../../lib/failure-throttle.ts";

const here = "192.0.2.1";
const there = "192.0.2.2";

function failing(times: number, limits = {}) {
  const throttle = failureThrottle(limits);
  for (let i = 0; i < times; i++) assert.equal(throttle.failed(here, "alice", 0), false);
  return throttle;
}

describe("failureThrottle", () => {
  it("waits for nobody who did not fail", () => {
    const throttle = failureThrottle();
    assert.equal(throttle.identityWaitMs(here, "alice", 0), 0);
    assert.equal(throttle.addressWaitMs(here, 0), 0);
  });

  it("holds up one identity at one address after ten failures in a minute", () => {
    const throttle = failing(10);
    assert.equal(throttle.identityWaitMs(here, "alice", 0), 6000);
    assert.equal(throttle.identityWaitMs(here, "bob", 0), 0);
    assert.equal(throttle.identityWaitMs(there, "alice", 0), 0);
    assert.equal(throttle.addressWaitMs(here, 0), 0);
    assert.equal(throttle.failed(here, "alice", 0), true);
  });

  it("lets one more try come with each tenth of the minute", () => {
    const throttle = failing(10);
    assert.equal(throttle.identityWaitMs(here, "alice", 5999), 1);
    assert.equal(throttle.identityWaitMs(here, "alice", 6000), 0);
    assert.equal(throttle.failed(here, "alice", 6000), false);
    assert.equal(throttle.failed(here, "alice", 6000), true);
    assert.equal(throttle.identityWaitMs(here, "alice", 120_000), 0);
  });

  it("holds up an address after thirty failures of whomever", () => {
    const throttle = failureThrottle();
    for (let i = 0; i < 30; i++) assert.equal(throttle.failed(here, i % 2 ? `user ${i}` : undefined, 0), false);
    assert.equal(throttle.addressWaitMs(here, 0), 2000);
    assert.equal(throttle.failed(here, undefined, 0), true);
    assert.equal(throttle.addressWaitMs(there, 0), 0);
  });

  it("forgets the failures of an identity that succeeds, not those of its address", () => {
    const throttle = failing(10, { perAddress: { capacity: 10, windowMs: 60_000 } });
    throttle.succeeded(here, "alice");
    assert.equal(throttle.identityWaitMs(here, "alice", 0), 0);
    assert.ok(throttle.addressWaitMs(here, 0) > 0);
  });

  it("takes back one failure that was none, of the identity and of the address", () => {
    const throttle = failing(10, { perAddress: { capacity: 10, windowMs: 60_000 } });
    throttle.forgive(here, "alice");
    assert.equal(throttle.failed(here, "alice", 0), false);
    assert.equal(throttle.failed(here, "alice", 0), true);
    throttle.forgive(there, "alice");
    assert.equal(throttle.identityWaitMs(there, "alice", 0), 0);
  });

  it("can be unlocked by identity and by address", () => {
    const byIdentity = failing(10);
    byIdentity.unlock({ identity: "bob" });
    assert.ok(byIdentity.identityWaitMs(here, "alice", 0) > 0);
    byIdentity.unlock({ identity: "alice" });
    assert.equal(byIdentity.identityWaitMs(here, "alice", 0), 0);
    const byAddress = failing(10, { perAddress: { capacity: 10, windowMs: 60_000 } });
    byAddress.unlock({ address: there });
    assert.ok(byAddress.identityWaitMs(here, "alice", 0) > 0);
    byAddress.unlock({ address: here });
    assert.equal(byAddress.identityWaitMs(here, "alice", 0), 0);
    assert.equal(byAddress.addressWaitMs(here, 0), 0);
  });

  it("keeps long identities apart without keeping them", () => {
    const throttle = failureThrottle({ perIdentity: { capacity: 1, windowMs: 60_000 } });
    throttle.failed(here, "x".repeat(100), 0);
    assert.ok(throttle.identityWaitMs(here, "x".repeat(100), 0) > 0);
    assert.equal(throttle.identityWaitMs(here, "x".repeat(101), 0), 0);
  });

  it("remembers no more than it may, the latest failures first", () => {
    const throttle = failureThrottle({ perAddress: { capacity: 1, windowMs: 60_000 }, entries: 2 });
    for (const address of ["a", "b", "c"]) throttle.failed(address, "x", 0);
    assert.equal(throttle.addressWaitMs("a", 0), 0);
    assert.ok(throttle.addressWaitMs("b", 0) > 0);
    assert.ok(throttle.addressWaitMs("c", 0) > 0);
  });
});
