import assert from "node:assert/strict";
import { unlockOperation } from "../../../lib/admin/unlock.ts";
import { failureThrottle } from "../../../lib/failure-throttle.ts";
import { countingKey, parseAddress } from "../../../lib/net/address.ts";
import { context } from "../lifecycle/records.ts";

const { now } = context;
const source = (address: string) => countingKey(parseAddress(address)!);

function lockedOut(address: string, user: string) {
  const throttle = failureThrottle({
    perIdentity: { capacity: 2, windowMs: 60_000 },
    perAddress: { capacity: 3, windowMs: 60_000 },
  });
  for (let i = 0; i < 4; i++) throttle.failed(source(address), user, now);
  const waits = () =>
    [throttle.identityWaitMs(source(address), user, now), throttle.addressWaitMs(source(address), now)].map(Boolean);
  assert.deepEqual(waits(), [true, true]);
  return { run: unlockOperation(throttle), waits };
}

describe("unlockOperation", () => {
  it("lets an address try again, with all that was tried from it", async () => {
    for (const address of ["192.0.2.7", "::ffff:192.0.2.7"]) {
      const { run, waits } = lockedOut("192.0.2.7", "kate");
      const outcome = await run({ address }, context);
      assert.deepEqual(outcome, {
        done: true,
        value: { unlocked: { address: "192.0.2.7" } },
        changed: { id: "192.0.2.7" },
      });
      assert.deepEqual(waits(), [false, false]);
    }
  });

  it("lets the network of an IPv6 address try again, as that is what is counted", async () => {
    const { run, waits } = lockedOut("2001:db8::1", "kate");
    await run({ address: "2001:db8::ffff" }, context);
    assert.deepEqual(waits(), [false, false]);
  });

  it("lets a user try again, however the name is composed, but not all else from that address", async () => {
    const { run, waits } = lockedOut("192.0.2.7", "Zo\u00eb");
    const outcome = await run({ user: "Zoe\u0308" }, context);
    assert.deepEqual(outcome, { done: true, value: { unlocked: { user: "Zo\u00eb" } }, changed: { id: "Zo\u00eb" } });
    assert.deepEqual(waits(), [false, true]);
  });

  it("takes names that no user can have, as they are counted too", async () => {
    const { run, waits } = lockedOut("192.0.2.7", "a\u0000b");
    assert.ok((await run({ user: "a\u0000b" }, context)).done);
    assert.deepEqual(waits(), [false, true]);
  });

  it("takes one of the two, and nothing else", async () => {
    const { run, waits } = lockedOut("192.0.2.7", "kate");
    const requests = [
      {},
      { address: "192.0.2.7", user: "kate" },
      { address: "192.0.2" },
      { address: 5 },
      { user: 5 },
      [],
      { all: true },
    ];
    for (const request of requests) {
      const outcome = await run(request, context);
      assert.ok(!outcome.done && outcome.status === 422, JSON.stringify(request));
    }
    assert.deepEqual(waits(), [true, true]);
  });
});
