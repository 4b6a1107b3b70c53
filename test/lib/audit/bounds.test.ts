import assert from "node:assert/strict";
import { boundedPerSource } from "../../../lib/audit/bounded.ts";
import type { AuditEntry, AuditEvent } from "../../../lib/audit/event.ts";
import { everyNth } from "../../../lib/audit/every-nth.ts";
import { expiryReminder } from "../../../lib/audit/expiry.ts";
import { eventFilter } from "../../../lib/audit/filter.ts";
import { aKey, aUser } from "../../support/records.ts";

const minute = 60_000;
const time = "2026-01-02T03:04:05.000Z";

function entry(source: string, more: Partial<AuditEvent> = {}): AuditEntry {
  return { source, event: { time, event: "access.rejected", result: "rejected", reason: "unknown", ...more } };
}

describe("the bound for each source", () => {
  it("lets the first events of a source through and counts the others by reason", () => {
    const bound = boundedPerSource({ perSource: 2 });
    const admitted = [1, 2, 3, 4].map(() => bound.admit(entry("a"), 1000));
    assert.deepEqual(admitted, [true, true, false, false]);
    assert.equal(bound.admit(entry("a", { reason: "expired" }), 1001), false);
    assert.equal(bound.admit(entry("b"), 1001), true);
    assert.deepEqual(bound.due(1000 + minute - 1), []);
    assert.deepEqual(bound.due(1000 + minute), [
      {
        time: new Date(1000 + minute).toISOString(),
        event: "access.summary",
        result: "rejected",
        source: "a",
        from: new Date(1000).toISOString(),
        count: 3,
        reasons: { unknown: 2, expired: 1 },
      },
    ]);
    assert.equal(bound.admit(entry("a"), 1000 + minute), true);
  });

  it("does not hide who was let in behind refusals from the same address", () => {
    const bound = boundedPerSource({ perSource: 1 });
    assert.equal(bound.admit(entry("a"), 1), true);
    assert.equal(bound.admit(entry("a"), 1), false);
    assert.equal(bound.admit(entry("a", { event: "access.accepted", result: "accepted", reason: undefined }), 1), true);
    assert.equal(
      bound.admit(entry("a", { event: "access.accepted", result: "accepted", reason: undefined }), 1),
      false,
    );
    assert.deepEqual(
      bound.flush(2).map(({ result, reasons }) => [result, reasons]),
      [
        ["rejected", { unknown: 1 }],
        ["accepted", { "access.accepted": 1 }],
      ],
    );
    assert.deepEqual(bound.flush(3), []);
  });

  it("never only counts a change", () => {
    const bound = boundedPerSource({ perSource: 0, total: 0 });
    for (const result of ["changed", "due", "noted"] as const)
      assert.equal(bound.admit(entry("a", { result }), 1), true);
    assert.equal(bound.admit(entry("a", { result: "denied" }), 1), false);
  });

  it("is bounded when every request has another address, and loses none", () => {
    const bound = boundedPerSource({ perSource: 2, total: 50, sources: 10 });
    let admitted = 0;
    for (let i = 0; i < 10_000; i++) if (bound.admit(entry(`source ${i}`), 1)) admitted++;
    const summaries = bound.flush(2);
    assert.ok(admitted <= 50);
    assert.ok(summaries.length <= 11);
    assert.equal(
      summaries.reduce((sum, { count }) => sum + Number(count), admitted),
      10_000,
    );
    assert.equal(summaries.at(-1)?.source, "*");
  });

  it("takes a clock that goes back for the end of the window", () => {
    const bound = boundedPerSource({ perSource: 0 });
    bound.admit(entry("a"), 5000);
    assert.equal(bound.due(4000).length, 1);
  });
});

describe("every so many events of a source", () => {
  it("passes each on where one is asked for", () => {
    const nth = everyNth({ every: 1, windowMs: minute });
    assert.deepEqual([nth(entry("a"), 1), nth(entry("a"), 1)], [1, 1]);
  });

  it("passes each tenth on, of one source and within the window", () => {
    const nth = everyNth({ every: 3, windowMs: minute });
    const times = [0, 1, 2, 3, 4, 5 + minute, 6 + minute, 7 + minute];
    const passed = times.map((now) => nth(entry("a"), now));
    assert.deepEqual(passed, [undefined, undefined, 3, undefined, undefined, undefined, undefined, 3]);
    assert.equal(nth(entry("b"), 0), undefined);
    assert.equal(nth(entry("b"), -1), undefined);
    assert.equal(nth(entry("b"), 0), undefined);
    assert.equal(nth(entry("b"), 0), 3);
  });

  it("forgets the source that began first when there are too many", () => {
    const nth = everyNth({ every: 2, windowMs: minute, sources: 2 });
    for (const source of ["a", "b", "c"]) assert.equal(nth(entry(source), 1), undefined);
    assert.equal(nth(entry("a"), 1), undefined);
    assert.equal(nth(entry("c"), 1), 2);
  });
});

describe("the filter of events", () => {
  const wants = (more: Partial<Parameters<typeof eventFilter>[0]>, about: Partial<AuditEvent> = {}) =>
    eventFilter({ results: ["rejected"], reasons: [], node: "", store: "", ...more })(
      entry("a", { node: "n", store: "s", ...about }).event,
    );

  it("goes by result, reason, node and store", () => {
    assert.equal(wants({}), true);
    assert.equal(wants({ results: ["accepted"] }), false);
    assert.equal(wants({ reasons: ["unknown", "expired"] }), true);
    assert.equal(wants({ reasons: ["expired"] }), false);
    assert.equal(wants({ reasons: ["expired"] }, { reason: undefined }), false);
    assert.equal(wants({ node: "n", store: "s" }), true);
    assert.equal(wants({ node: "m" }), false);
    assert.equal(wants({ store: "t" }), false);
  });
});

describe("reminders of what expires", () => {
  const day = 86_400_000;

  it("come once for each date, some days before it", () => {
    const remind = expiryReminder(14);
    const { record } = aKey({ expiresAt: 20 * day, name: "till\n" });
    assert.equal(remind("key", record, "s", 5 * day), undefined);
    assert.deepEqual(remind("key", record, "s", 6.5 * day), {
      time: new Date(6.5 * day).toISOString(),
      event: "key.expiring",
      result: "due",
      store: "s",
      objectKind: "key",
      object: record.id,
      objectName: "till\\u000a",
      expiresAt: new Date(20 * day).toISOString(),
      daysLeft: 13,
    });
    assert.equal(remind("key", record, "s", 7 * day), undefined);
    assert.equal(remind("key", { ...record, expiresAt: 21 * day }, "s", 8 * day)?.daysLeft, 13);
    assert.equal(remind("key", record, "other", 8 * day)?.store, "other");
  });

  it("do not come for what never expires, has expired, or may not be used", () => {
    const remind = expiryReminder(14);
    for (const more of [
      {},
      { expiresAt: day },
      { expiresAt: 2 * day, disabled: true },
      { expiresAt: 2 * day, revokedAt: 1 },
    ]) {
      assert.equal(remind("user", aUser("alice", "x", more), "s", day), undefined);
    }
  });

  it("are remembered up to a bound", () => {
    const remind = expiryReminder(14, 1);
    const [one, two] = [aUser("a", "x", { expiresAt: day }), aUser("b", "x", { expiresAt: day })];
    assert.ok(remind("user", one, "s", 1) && remind("user", two, "s", 1));
    assert.equal(remind("user", two, "s", 1), undefined);
    assert.ok(remind("user", one, "s", 1));
  });
});
