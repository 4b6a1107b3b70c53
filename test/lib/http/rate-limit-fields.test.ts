import assert from "node:assert/strict";
import fc from "fast-check";
import { olderRateLimitFields, rateLimitFields } from "../../../lib/http/rate-limit-fields.ts";
import { parseRateLimit, parseRateLimitPolicy } from "../../../lib/http/rate-limit-parser.ts";

describe("rateLimitFields", () => {
  it("says of each limit what it is and what is left", () => {
    const second = { name: "10-in-1s", quota: 10, windowSeconds: 1 };
    const hour = { name: "1000-in-3600s", quota: 1000, windowSeconds: 3600, partitionKey: "MmMyNmI0NmI2OGZm" };
    assert.deepEqual(
      rateLimitFields(
        [second, hour],
        [
          { policy: second, remaining: 9, resetSeconds: 0.1 },
          { policy: hour, remaining: 999, partitionKey: hour.partitionKey },
        ],
      ),
      {
        "RateLimit-Policy": '"10-in-1s";q=10;w=1, "1000-in-3600s";q=1000;w=3600;pk=:MmMyNmI0NmI2OGZm:',
        RateLimit: '"10-in-1s";r=9;t=1, "1000-in-3600s";r=999;pk=:MmMyNmI0NmI2OGZm:',
      },
    );
  });

  it("leaves out a window that is not told", () => {
    assert.equal(rateLimitFields([{ name: "a", quota: 1 }], [])["RateLimit-Policy"], '"a";q=1');
  });

  it("is read as it was written, whatever the names", () => {
    const names = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    const policies = fc.array(
      fc.record({ name: names, quota: fc.nat(), windowSeconds: fc.integer({ min: 1, max: 1e9 }) }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(policies, fc.nat(), (list, remaining) => {
        const fields = rateLimitFields(
          list,
          list.map((policy) => ({ policy, remaining, resetSeconds: 7 })),
        );
        assert.deepEqual(
          parseRateLimitPolicy(fields["RateLimit-Policy"]),
          list.map(({ name, quota, windowSeconds }) => ({ name, q: quota, w: windowSeconds })),
        );
        assert.deepEqual(
          parseRateLimit(fields.RateLimit),
          list.map(({ name }) => ({ name, r: remaining, t: 7 })),
        );
      }),
    );
  });

  it("writes the older fields with the reset as a time", () => {
    const limit = { policy: { name: "a", quota: 5 }, remaining: 4, resetSeconds: 10 };
    const older = olderRateLimitFields(limit, 1_700_000_000_500);
    assert.deepEqual(older, {
      "X-RateLimit-Limit": "5",
      "X-RateLimit-Remaining": "4",
      "X-RateLimit-Reset": "1700000011",
    });
    const { resetSeconds, ...never } = limit;
    assert.equal(olderRateLimitFields(never, 1000)["X-RateLimit-Reset"], "1");
    assert.equal(resetSeconds, 10);
  });
});

describe("parseRateLimitPolicy", () => {
  it("reads names, units and what it does not know", () => {
    assert.deepEqual(parseRateLimitPolicy('  "a\\"b" ;q=1'), undefined);
    assert.deepEqual(
      parseRateLimitPolicy(
        ' "a\\"b";q=1;  w=2;qu="content-bytes";pk=:YQ==:, "c";q=0;x;y=1.5;z=?0;tok=a/b:c ,\t"d";q=3;q=4 ',
      ),
      [
        { name: 'a"b', q: 1, w: 2, qu: "content-bytes", pk: "YQ==" },
        { name: "c", q: 0 },
        { name: "d", q: 4 },
      ],
    );
  });

  const wrong = [
    "",
    "a;q=1",
    '"a"',
    '"a";w=1',
    '"a";q=-1',
    '"a";q=1.0',
    '"a";q="1"',
    '"a";q=1;w=0',
    '"a";q=1;w=1.5',
    '"a";q=1;qu=token',
    '"a";q=1;pk="a"',
    '"a";q=1;pk=:***:',
    '"a";q=1,',
    '"a";q=1 "b";q=1',
    '"a";Q=1',
    '"a";q=',
    '"a";q=1;x="open',
    '"a;q=1',
    '"ä";q=1',
    `"${"x".repeat(9000)}";q=1`,
  ];
  for (const text of wrong) {
    it(`refuses ${text.slice(0, 30) || "nothing"}`, () => {
      assert.equal(parseRateLimitPolicy(text), undefined);
    });
  }

  it("takes linear time", () => {
    const start = process.cpuUsage();
    for (const text of [
      '"'.repeat(8000),
      '"\\"'.repeat(2700),
      `"a"${";a".repeat(4000)}`,
      `"a";q=${"1".repeat(8000)}`,
    ]) {
      parseRateLimitPolicy(text);
    }
    assert.ok(process.cpuUsage(start).user < 500_000);
  });
});

describe("parseRateLimit", () => {
  it("reads what is left, with and without a time", () => {
    assert.deepEqual(parseRateLimit('"default";r=999;pk=:dHJpYWwxMjEzMjM=:'), [
      { name: "default", r: 999, pk: "dHJpYWwxMjEzMjM=" },
    ]);
    assert.deepEqual(parseRateLimit('"a";r=0;t=0'), [{ name: "a", r: 0, t: 0 }]);
  });

  it("refuses what is no such list", () => {
    for (const text of ['"a";t=1', '"a";r=1;t=-1', '"a";r=1;pk=1', "limit=5, remaining=4, reset=60"]) {
      assert.equal(parseRateLimit(text), undefined, text);
    }
  });
});
