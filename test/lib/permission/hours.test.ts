import assert from "node:assert/strict";
import { ConfigError } from "../../../lib/errors.ts";
import { compileHours, type Hours, isWithin } from "../../../lib/permission/hours.ts";

function within(hours: Hours, weekday: number, time: string): boolean {
  const [hour, minute] = time.split(":").map(Number) as [number, number];
  return isWithin(compileHours(hours), { date: "", weekday, minutes: hour * 60 + minute });
}

describe("hours", () => {
  const office: Hours = { days: [1, 2, 3, 4, 5], from: "08:00", to: "17:30" };
  const night: Hours = { days: [5], from: "22:00", to: "06:00" };

  it("begin with their first minute and end before their last", () => {
    assert.deepEqual(
      ["07:59", "08:00", "17:29", "17:30"].map((time) => within(office, 1, time)),
      [false, true, true, false],
    );
  });

  it("hold on the days that are named, or on all when none is", () => {
    assert.equal(within(office, 0, "12:00"), false);
    assert.equal(within(office, 6, "12:00"), false);
    for (let day = 0; day < 7; day++) assert.ok(within({ ...office, days: [] }, day, "12:00"));
  });

  it("go on past midnight with the day on which they began", () => {
    assert.equal(within(night, 5, "22:00"), true);
    assert.equal(within(night, 6, "05:59"), true);
    assert.equal(within(night, 6, "06:00"), false);
    assert.equal(within(night, 5, "05:00"), false);
    assert.equal(within(night, 6, "23:00"), false);
    assert.equal(within({ ...night, days: [6] }, 0, "01:00"), true);
  });

  it("last all day from 00:00 to 24:00", () => {
    const always: Hours = { days: [], from: "00:00", to: "24:00" };
    for (const time of ["00:00", "12:00", "23:59"]) assert.ok(within(always, 3, time));
  });

  it("refuse days and times that cannot be", () => {
    const wrong: readonly Hours[] = [
      { ...office, days: [7] },
      { ...office, days: [1.5] },
      { ...office, from: "8:00" },
      { ...office, from: "24:00" },
      { ...office, to: "24:01" },
      { ...office, to: "12:60" },
      { ...office, to: "" },
      { ...office, to: "08:00" },
    ];
    for (const hours of wrong) assert.throws(() => compileHours(hours), ConfigError, JSON.stringify(hours));
  });
});
