import assert from "node:assert/strict";
import type { Accepted, Caller, Check, Principal, Rejected, RequestFacts, Verdict } from "../../../lib/check.ts";
import { type Counters, type RateLimitOptions, rateLimit } from "../../../lib/checks/rate-limit.ts";
import { ConfigError, StoreError } from "../../../lib/errors.ts";
import { localCounters } from "../../../lib/limits/local-counters.ts";
import { clientAddress } from "../../../lib/net/client-address.ts";
import { compileRanges } from "../../../lib/net/ip-range.ts";
import { facts } from "../../support/records.ts";

const noon = Date.parse("2026-11-22T12:00:00Z");
const key: Principal = { kind: "key", id: "same", name: "one", environment: "production", scopes: [] };
const user: Principal = { kind: "user", id: "same", name: "two", environment: "production", scopes: [] };

interface World {
  readonly check: Check;
  readonly clock: { now: number };
}

function world(options: Partial<RateLimitOptions> = {}): World {
  const clock = { now: noon };
  const { take } = localCounters({ key: new Uint8Array(8), random: () => 0.5 });
  const check = rateLimit({
    scope: "node 1",
    countBy: { by: "address" },
    limits: [{ requests: 5, per: 10 }],
    timeZone: "",
    cost: 1,
    countRefused: false,
    olderFields: false,
    counters: { take, now: () => clock.now },
    now: () => clock.now,
    ...options,
  });
  return { check, clock };
}

function decide({ check }: World, caller?: Caller, request: Partial<RequestFacts> = {}): Verdict {
  const verdict = check(facts({}, request), caller);
  assert.ok(!(verdict instanceof Promise));
  return verdict;
}

function statuses(times: number, at: World, caller?: Caller, request: Partial<RequestFacts> = {}): string {
  const verdicts = Array.from({ length: times }, () => decide(at, caller, request));
  return verdicts.map((verdict) => (verdict.accepted ? 200 : verdict.status)).join(" ");
}

describe("rateLimit", () => {
  it("lets as many through as it says, tells the rest when to come back, and lets them in then", () => {
    const at = world();
    assert.equal(statuses(6, at), "200 200 200 200 200 429");
    at.clock.now += 500;
    const refused = decide(at) as Rejected;
    assert.deepEqual([refused.reason, refused.retryAfterSeconds, refused.challenges], ["limit-reached", 2, []]);
    assert.equal(refused.detail, "5-in-10s, counted by address");
    at.clock.now += 1_500;
    assert.equal(statuses(2, at), "200 429");
  });

  it("tells on every answer what the limits are and what is left", () => {
    const at = world({
      limits: [
        { requests: 2, per: 10 },
        { requests: 100, per: 3600, burst: 10 },
      ],
    });
    const policy = '"2-in-10s";q=2;w=10, "10-in-360s";q=10;w=360';
    assert.deepEqual((decide(at) as Accepted).headers, {
      "RateLimit-Policy": policy,
      RateLimit: '"2-in-10s";r=1;t=5, "10-in-360s";r=9;t=36',
    });
    decide(at);
    const { headers, retryAfterSeconds } = decide(at) as Rejected;
    // Retry-After is never before the reset of what it is about.
    assert.deepEqual(headers, { "RateLimit-Policy": policy, RateLimit: '"2-in-10s";r=0;t=5' });
    assert.equal(retryAfterSeconds, 5);
  });

  it("adds the older fields where they are wanted, for the limit that is nearest", () => {
    const at = world({
      olderFields: true,
      limits: [
        { requests: 100, per: 1 },
        { requests: 100, per: 60, burst: 2 },
      ],
    });
    const accepted = decide(at) as Accepted;
    assert.equal(accepted.headers?.["X-RateLimit-Limit"], "2");
    assert.equal(accepted.headers?.["X-RateLimit-Remaining"], "1");
    assert.equal(accepted.headers?.["X-RateLimit-Reset"], String(noon / 1000 + 1));
    const reversed = world({
      olderFields: true,
      limits: [
        { requests: 3, per: 1 },
        { requests: 100, per: 60, burst: 50 },
      ],
    });
    assert.equal((decide(reversed) as Accepted).headers?.["X-RateLimit-Limit"], "3");
  });

  it("asks for a wait of the longest of several limits that are reached", () => {
    const at = world({
      limits: [
        { requests: 1, per: 10 },
        { requests: 1, per: 100 },
      ],
    });
    decide(at);
    assert.equal((decide(at) as Rejected).retryAfterSeconds, 100);
  });

  it("counts an address however it is written, and an IPv6 one by its /64", () => {
    const at = world();
    assert.equal(statuses(5, at, undefined, { peer: "::ffff:192.0.2.1" }), "200 200 200 200 200");
    assert.equal(statuses(1, at, undefined, { peer: "192.0.2.1" }), "429");
    assert.equal(statuses(1, at, undefined, { peer: "192.0.2.2" }), "200");
    assert.equal(statuses(5, at, undefined, { peer: "2001:db8::1" }), "200 200 200 200 200");
    assert.equal(statuses(1, at, undefined, { peer: "2001:db8:0:0:ffff::2" }), "429");
    assert.equal(statuses(1, at, undefined, { peer: "2001:db8:0:1::1" }), "200");
    assert.equal((decide(at, undefined, { peer: "192.0.2.9" }) as Accepted).address, "192.0.2.9");
    assert.equal((decide(at, undefined, { peer: "192.0.2.1" }) as Rejected).address, "192.0.2.1");
  });

  it("counts all whose address cannot be told together", () => {
    const at = world();
    assert.equal(statuses(6, at, undefined, { peer: undefined }), "200 200 200 200 200 429");
    const proxied = world({
      clientAddress: clientAddress({ trusted: compileRanges(["10.0.0.1"]), header: "x-forwarded-for" }),
    });
    assert.equal(statuses(6, proxied, undefined, { peer: "10.0.0.1" }), "200 200 200 200 200 429");
  });

  it("takes the address that an earlier check found, unless it has a network of its own", () => {
    const at = world();
    assert.equal(statuses(5, at, { address: "192.0.2.1" }), "200 200 200 200 200");
    assert.equal(statuses(1, at, { address: "192.0.2.2" }), "200");
    const socket = world({ clientAddress: clientAddress({ trusted: undefined, header: "x-forwarded-for" }) });
    assert.equal(statuses(5, socket, { address: "192.0.2.1" }), "200 200 200 200 200");
    assert.equal(statuses(1, socket, { address: "192.0.2.2" }), "429");
  });

  it("counts keys and users each for themselves, whatever their address", () => {
    const at = world({ countBy: { by: "principal", ownLimit: false, otherwise: "refuse" } });
    assert.equal(statuses(6, at, { principal: key }), "200 200 200 200 200 429");
    assert.equal(statuses(1, at, { principal: key }, { peer: "192.0.2.7" }), "429");
    assert.equal(statuses(1, at, { principal: user }), "200");
    assert.equal((decide(at, { principal: key }) as Rejected).principalId, "same");
  });

  it("refuses those without a key or user, or counts their address", () => {
    const at = world({ countBy: { by: "principal", ownLimit: false, otherwise: "refuse" } });
    const refused = decide(at) as Rejected;
    assert.deepEqual([refused.status, refused.reason], [403, "missing-credentials"]);
    const byAddress = world({ countBy: { by: "principal", ownLimit: false, otherwise: "address" } });
    assert.equal(statuses(6, byAddress), "200 200 200 200 200 429");
  });

  it("lets the limit in a key's record take the place of its own, where it may", () => {
    const limited = { ...key, limit: { requests: 2, windowMs: 60_000 } };
    const at = world({ countBy: { by: "principal", ownLimit: true, otherwise: "refuse" } });
    assert.equal(statuses(3, at, { principal: limited }), "200 200 429");
    assert.equal(statuses(6, at, { principal: user }), "200 200 200 200 200 429");
    const strict = world({ countBy: { by: "principal", ownLimit: false, otherwise: "refuse" } });
    assert.equal(statuses(6, strict, { principal: limited }), "200 200 200 200 200 429");
  });

  it("counts by a value of the message, and shows it to nobody", () => {
    const at = world({ countBy: { by: "given", otherwise: "refuse" } });
    const by = (countBy: unknown): Caller => ({ given: { countBy } });
    assert.equal(statuses(6, at, by("tenant-7")), "200 200 200 200 200 429");
    assert.equal(statuses(1, at, by("tenant-8")), "200");
    assert.doesNotMatch(JSON.stringify(decide(at, by("tenant-7"))), /tenant-7/);
    for (const value of [0, false]) assert.equal(statuses(1, at, by(value)), "200");
    for (const value of ["", undefined, null, {}, ["a"], "x".repeat(1025)]) {
      const refused = decide(at, by(value)) as Rejected;
      assert.deepEqual([refused.status, refused.reason], [403, "uncounted"]);
    }
    assert.equal((decide(at) as Rejected).reason, "uncounted");
  });

  it("counts the address where the message has no value, if it may", () => {
    const at = world({ countBy: { by: "given", otherwise: "address" } });
    assert.equal(statuses(6, at, { given: {} }), "200 200 200 200 200 429");
    assert.equal(statuses(1, at, { given: { countBy: "x" } }), "200");
  });

  it("counts everyone together", () => {
    const at = world({ countBy: { by: "everyone" } });
    assert.equal(statuses(5, at, undefined, { peer: "192.0.2.1" }), "200 200 200 200 200");
    assert.equal(statuses(1, at, { principal: key }, { peer: "192.0.2.2" }), "429");
  });

  it("takes the cost of a request, fixed or from the message", () => {
    assert.equal(statuses(3, world({ cost: 2 })), "200 200 429");
    const at = world({ cost: "given" });
    assert.equal(statuses(2, at, { given: { cost: 3 } }), "200 429");
    assert.equal(statuses(1, at, { given: { cost: 2 } }), "200");
    assert.equal(statuses(9, at, { given: { cost: 0 } }), "200 200 200 200 200 200 200 200 200");
    assert.equal(statuses(2, world({ cost: "given" }), { given: { cost: "3" } }), "200 429");
    for (const cost of [
      undefined,
      null,
      "",
      -1,
      "-1",
      1.5,
      "1.5",
      " 1",
      "1e3",
      Number.NaN,
      [1],
      1_000_001,
      "1000001",
    ]) {
      const refused = decide(at, { given: { cost } }) as Rejected;
      assert.deepEqual([refused.status, refused.reason], [400, "malformed-request"], String(cost));
    }
  });

  it("does not count what it refused, unless it is told to", () => {
    const at = world();
    assert.equal(statuses(50, at).endsWith("429 429"), true);
    at.clock.now += 2_000;
    assert.equal(statuses(1, at), "200");
    const strict = world({ countRefused: true });
    statuses(50, strict);
    strict.clock.now += 2_000;
    assert.equal(statuses(1, strict), "429");
  });

  it("counts a day of the zone from midnight to midnight", () => {
    const at = world({ limits: [{ requests: 2, per: "day" }], timeZone: "Europe/Berlin" });
    at.clock.now = Date.parse("2026-11-22T22:00:00Z");
    assert.equal(statuses(3, at), "200 200 429");
    assert.equal((decide(at) as Rejected).retryAfterSeconds, 3_600);
    at.clock.now = Date.parse("2026-11-22T22:59:59.999Z");
    assert.equal(statuses(1, at), "429");
    at.clock.now = Date.parse("2026-11-22T23:00:00Z");
    assert.equal(statuses(3, at), "200 200 429");
    // A clock that is set back does not give the day again.
    at.clock.now = Date.parse("2026-11-22T22:00:00Z");
    assert.equal(statuses(1, at), "429");
  });

  it("counts by its scope, and together with others of the same", () => {
    const { take } = localCounters({ key: new Uint8Array(8), random: () => 0.5 });
    const counters = { take, now: () => noon };
    const [one, other, same] = ["node 1", "node 2", "node 1"].map((scope) => world({ scope, counters })) as [
      World,
      World,
      World,
    ];
    assert.equal(statuses(5, one), "200 200 200 200 200");
    assert.equal(statuses(1, other), "200");
    assert.equal(statuses(1, same), "429");
  });

  it("lets nobody through while the store is away", async () => {
    const throws: Counters = {
      now: () => noon,
      take: () => {
        throw new StoreError("unreachable", "away");
      },
    };
    const rejects: Counters = {
      now: () => noon,
      take: async () => {
        throw new StoreError("unreachable", "away");
      },
    };
    for (const counters of [throws, rejects]) {
      await assert.rejects(async () => world({ counters }).check(facts()), StoreError);
    }
  });

  it("counts here while the store is away, where it may, and only then", async () => {
    const { take } = localCounters({ key: new Uint8Array(8), random: () => 0.5 });
    const substitute = { take, now: () => noon };
    const throws: Counters = {
      now: () => noon,
      take: () => {
        throw new StoreError("unreachable", "away");
      },
    };
    const rejects: Counters = {
      now: () => noon,
      take: async () => {
        throw new StoreError("unreachable", "away");
      },
    };
    assert.equal(statuses(3, world({ counters: throws, substitute })), "200 200 200");
    const later = world({ counters: rejects, substitute });
    const verdicts = [];
    for (let i = 0; i < 3; i++) verdicts.push((await later.check(facts())).accepted);
    assert.deepEqual(verdicts, [true, true, false]);
    const fault: Counters = {
      now: () => noon,
      take: () => {
        throw new RangeError("no store fault");
      },
    };
    assert.throws(() => world({ counters: fault, substitute }).check(facts()), RangeError);
  });

  it("waits for a store that answers later", async () => {
    const { take } = localCounters({ key: new Uint8Array(8), random: () => 0.5 });
    const at = world({
      substitute: { take: assert.fail, now: () => noon },
      counters: { now: () => noon, take: async (...values) => take(...values) },
    });
    const all = await Promise.all(Array.from({ length: 50 }, () => at.check(facts())));
    assert.equal(all.filter(({ accepted }) => accepted).length, 5);
  });

  it("leaves the substitute alone while the store is there", () => {
    const at = world({ substitute: { take: assert.fail, now: () => noon } });
    assert.equal(statuses(6, at), "200 200 200 200 200 429");
  });

  it("refuses options that cannot be", () => {
    const wrong: readonly Partial<RateLimitOptions>[] = [
      { scope: "" },
      { scope: "x".repeat(201) },
      { cost: -1 },
      { cost: 1.5 },
      { cost: Number.NaN },
      { limits: [] },
      { limits: [{ requests: 0, per: 1 }] },
      { limits: [{ requests: 1, per: "day" }], timeZone: "Nowhere" },
    ];
    for (const options of wrong) assert.throws(() => world(options), ConfigError, JSON.stringify(options));
  });
});
