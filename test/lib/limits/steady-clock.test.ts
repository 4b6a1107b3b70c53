import assert from "node:assert/strict";
import { steadyClock } from "../../../lib/limits/steady-clock.ts";

describe("steadyClock", () => {
  it("follows the wall clock forward and never goes back, but goes on", () => {
    let wall = 1_000_000;
    let monotonic = 5;
    const clock = steadyClock(
      () => wall,
      () => monotonic,
    );
    assert.equal(clock(), 1_000_000);
    wall += 70_000;
    monotonic += 10;
    assert.equal(clock(), 1_070_000);
    wall -= 3_600_000;
    monotonic += 10;
    assert.equal(clock(), 1_070_010);
    monotonic += 500;
    wall += 500;
    assert.equal(clock(), 1_070_510);
  });
});
