import assert from "node:assert/strict";
import { localTime, periodsOf } from "../../lib/calendar.ts";
import { ConfigError } from "../../lib/errors.ts";

const at = (text: string) => Date.parse(text);

describe("localTime", () => {
  it("reads the clock on the wall of a zone, through a change to summer time", () => {
    const berlin = localTime("Europe/Berlin");
    assert.deepEqual(berlin(at("2026-03-29T00:59:59Z")), { date: "2026-03-29", weekday: 0, minutes: 119 });
    assert.deepEqual(berlin(at("2026-03-29T01:00:00Z")), { date: "2026-03-29", weekday: 0, minutes: 180 });
    assert.deepEqual(localTime("Asia/Kathmandu")(at("2026-11-22T18:20:00Z")), {
      date: "2026-11-23",
      weekday: 1,
      minutes: 5,
    });
  });

  it("takes no zone for UTC, midnight for 0, and goes back with the clock", () => {
    const utc = localTime("");
    assert.equal(utc(at("2026-11-22T00:00:59Z")).minutes, 0);
    assert.equal(utc(at("2026-11-22T00:01:00Z")).minutes, 1);
    assert.equal(utc(at("2026-11-21T23:59:00Z")).date, "2026-11-21");
  });

  it("refuses a zone that is none", () => {
    assert.throws(() => localTime("Berlin"), ConfigError);
    assert.throws(() => periodsOf("Europe/Nowhere", "day"), /"Europe\/Nowhere" is no time zone/);
  });
});

describe("periodsOf", () => {
  const cases: readonly (readonly [zone: string, now: string, day: string, month: string])[] = [
    ["", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    ["Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T22:00:00Z", "2026-03-31T22:00:00Z"],
    ["Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T23:00:00Z", "2026-10-31T23:00:00Z"],
    // Midnight does not exist on the next day, or a whole day does not.
    ["America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z", "2018-12-01T02:00:00Z"],
    ["Africa/Cairo", "2024-04-25T12:00:00Z", "2024-04-25T22:00:00Z", "2024-04-30T21:00:00Z"],
    ["Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"],
  ];
  for (const [zone, now, day, month] of cases) {
    it(`finds the end of the day and month in ${zone || "UTC"} at ${now}`, () => {
      assert.equal(periodsOf(zone, "day")(at(now)).end, at(day));
      assert.equal(periodsOf(zone, "month")(at(now)).end, at(month));
    });
  }

  it("names each period, goes on with the clock and back with it", () => {
    const days = periodsOf("Europe/Berlin", "day");
    assert.equal(days(at("2026-11-22T12:00:00Z")).name, "2026-11-22");
    assert.equal(days(at("2026-11-22T22:59:59Z")).name, "2026-11-22");
    assert.equal(days(at("2026-11-22T23:00:00Z")).name, "2026-11-23");
    assert.equal(days(at("2026-11-22T22:00:00Z")).name, "2026-11-22");
    assert.equal(periodsOf("", "month")(at("2026-11-22T12:00:00Z")).name, "2026-11");
  });
});
