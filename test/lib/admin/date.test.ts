import assert from "node:assert/strict";
import fc from "fast-check";
import { futureDate, nearDate, parseDateTime } from "../../../lib/admin/date.ts";
import { parse } from "../../../lib/admin/reader.ts";

const now = () => Date.UTC(2030, 0, 1);

describe("parseDateTime", () => {
  it("reads what Date writes", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(Date.UTC(9999, 0)), noInvalidDate: true }), (date) => {
        assert.equal(parseDateTime(date.toISOString()), date.getTime());
      }),
    );
  });

  it("reads offsets and parts of seconds", () => {
    assert.equal(parseDateTime("2028-02-29T23:30:00.123456+01:30"), Date.UTC(2028, 1, 29, 22, 0, 0, 123));
    assert.equal(parseDateTime("2028-12-31T00:00:00-00:00"), Date.UTC(2028, 11, 31));
  });

  it("refuses days that never were, and other spellings", () => {
    const texts = [
      "yesterday",
      "9999-99-99",
      "2030-01-01",
      "2030-02-29T00:00:00Z",
      "2030-04-31T00:00:00Z",
      "2030-00-10T00:00:00Z",
      "2030-13-10T00:00:00Z",
      "2030-01-00T00:00:00Z",
      "2030-01-01T24:00:00Z",
      "2030-01-01T00:60:00Z",
      "2030-01-01T00:00:60Z",
      "2030-01-01T00:00:00",
      "2030-01-01T00:00Z",
      "2030-01-01 00:00:00Z",
      "2030-01-01T00:00:00z",
      "2030-01-01T00:00:00+24:00",
      "2030-01-01T00:00:00+01:60",
      "+02030-01-01T00:00:00Z",
      " 2030-01-01T00:00:00Z",
      "2030-01-01T00:00:00Z\n",
      "٢٠٣٠-01-01T00:00:00Z",
    ];
    for (const text of texts) assert.equal(parseDateTime(text), undefined, text);
  });
});

describe("dates of a record", () => {
  it("lie within ten years", () => {
    assert.equal(parse(nearDate(now), "2039-12-31T00:00:00Z").ok, true);
    assert.equal(parse(nearDate(now), "2040-01-02T00:00:00Z").ok, false);
    assert.equal(parse(nearDate(now), "2019-12-01T00:00:00Z").ok, false);
    assert.equal(parse(nearDate(now), 5).ok, false);
    assert.equal(parse(nearDate(now), "yesterday").ok, false);
  });

  it("are not in the past where they must be ahead", () => {
    assert.equal(parse(futureDate(now), "2030-01-01T00:00:01Z").ok, true);
    assert.equal(parse(futureDate(now), "2030-01-01T00:00:00Z").ok, false);
  });
});
