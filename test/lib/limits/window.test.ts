import assert from "node:assert/strict";
import { ConfigError } from "../../../lib/errors.ts";
import { compileWindows, ownWindow, type RateLimit } from "../../../lib/limits/window.ts";

const now = Date.parse("2026-11-22T12:00:00Z");

function windows(limits: readonly RateLimit[], zone = "") {
  return compileWindows(limits, zone).map((window) => window(now));
}

describe("compileWindows", () => {
  it("lets all requests of a window come at once, or as many as the burst says, at the same rate", () => {
    assert.deepEqual(windows([{ requests: 5, per: 10 }])[0]?.quota, { capacity: 5, windowMs: 10_000 });
    assert.deepEqual(windows([{ requests: 1000, per: 3600, burst: 10 }])[0]?.quota, { capacity: 10, windowMs: 36_000 });
    assert.deepEqual(windows([{ requests: 1, per: 1, burst: 20 }])[0]?.quota, { capacity: 20, windowMs: 20_000 });
  });

  it("names a window as its quota is", () => {
    assert.deepEqual(windows([{ requests: 5, per: 10 }])[0], {
      bucket: "10s/10000",
      name: "5-in-10s",
      windowSeconds: 10,
      quota: { capacity: 5, windowMs: 10_000 },
    });
    assert.equal(windows([{ requests: 3, per: 1, burst: 1 }])[0]?.name, "1-in-1s");
  });

  it("keeps the counters of windows apart that come to the same quota", () => {
    const [second, minute] = windows([
      { requests: 10, per: 1, burst: 60 },
      { requests: 600, per: 60, burst: 60 },
    ]);
    assert.deepEqual(second?.quota, minute?.quota);
    assert.notEqual(second?.bucket, minute?.bucket);
  });

  it("counts a day or month of the zone until its end", () => {
    const [day, month] = windows(
      [
        { requests: 10, per: "day" },
        { requests: 100, per: "month" },
      ],
      "Europe/Berlin",
    );
    assert.equal(day?.quota.until, Date.parse("2026-11-22T23:00:00Z"));
    assert.equal(month?.quota.until, Date.parse("2026-11-30T23:00:00Z"));
    assert.deepEqual([day?.name, month?.name, day?.quota.capacity], ["10-a-day", "100-a-month", 10]);
    assert.deepEqual([day?.bucket, month?.bucket], ["2026-11-22 Europe/Berlin", "2026-11 Europe/Berlin"]);
  });

  it("takes windows that go together", () => {
    windows([
      { requests: 10, per: 1 },
      { requests: 10, per: 60 },
      { requests: 1000, per: 86_400 },
      { requests: 1000, per: "day" },
    ]);
  });

  const wrong: readonly (readonly [string, readonly RateLimit[]])[] = [
    ["none", []],
    ["more than ten", Array.from({ length: 11 }, (_, i) => ({ requests: 1, per: i + 1 }))],
    ["no requests", [{ requests: 0, per: 1 }]],
    ["a negative number", [{ requests: -1, per: 60 }]],
    ["a fraction", [{ requests: 2.5, per: 60 }]],
    ["no number", [{ requests: Number.NaN, per: 60 }]],
    ["an endless number", [{ requests: Number.POSITIVE_INFINITY, per: 60 }]],
    ["more than a thousand million", [{ requests: 1_000_000_001, per: 60 }]],
    ["no time", [{ requests: 1, per: 0 }]],
    ["a fraction of a second", [{ requests: 1, per: 0.5 }]],
    ["more than 31 days", [{ requests: 1, per: 31 * 86_400 + 1 }]],
    ["no burst", [{ requests: 1, per: 1, burst: 0 }]],
    ["a burst of a calendar day", [{ requests: 1, per: "day", burst: 1 }]],
    [
      "the same window twice",
      [
        { requests: 1, per: 60 },
        { requests: 2, per: 60 },
      ],
    ],
    [
      "fewer requests in a longer window",
      [
        { requests: 10, per: 1 },
        { requests: 5, per: 60 },
      ],
    ],
    [
      "fewer requests in a longer window, the longer first",
      [
        { requests: 5, per: "month" },
        { requests: 10, per: "day" },
      ],
    ],
  ];
  for (const [what, limits] of wrong) {
    it(`refuses ${what}`, () => {
      assert.throws(() => windows(limits), ConfigError);
    });
  }

  it("refuses a zone that is none", () => {
    assert.throws(() => windows([{ requests: 1, per: "day" }], "Mars/Olympus"), ConfigError);
  });
});

describe("ownWindow", () => {
  it("counts a record's own limit by itself", () => {
    assert.deepEqual(ownWindow({ requests: 100, windowMs: 60_000 })(now), {
      bucket: "own/60000",
      name: "100-in-60s",
      windowSeconds: 60,
      quota: { capacity: 100, windowMs: 60_000 },
    });
  });
});
