import assert from "node:assert/strict";
import { evenTime } from "../../../lib/secrets/even-time.ts";

describe("evenTime", () => {
  it("asks for no wait before anything was compared", () => {
    assert.equal(evenTime().restMs(20), 0);
  });

  it("makes a quick kind as slow as nearly all comparisons of the slow one", () => {
    const time = evenTime();
    for (let n = 0; n < 50; n++) {
      time.note("quick", 20);
      time.note("slow", n % 2 === 0 ? 80 : 84);
    }
    const quick = 20 + time.restMs(20);
    assert.equal(quick >= 84 && quick < 100, true, `${quick}`);
    assert.ok(Math.abs(82 + time.restMs(82) - quick) < 0.001);
  });

  it("asks for no wait after a comparison that took longer than all before", () => {
    const time = evenTime();
    time.note("quick", 20);
    assert.equal(time.restMs(100), 0);
  });

  it("forgets one slow moment of the machine", () => {
    const time = evenTime();
    time.note("quick", 1000);
    for (let n = 0; n < 60; n++) time.note("quick", 20);
    assert.ok(time.restMs(20) < 20);
  });

  it("never waits longer than a second and a half", () => {
    const time = evenTime();
    time.note("slow", 60_000);
    assert.equal(time.restMs(0), 1500);
  });

  it("remembers a bounded number of kinds", () => {
    const time = evenTime();
    for (let n = 0; n < 64; n++) time.note(`kind ${n}`, 1);
    time.note("one more", 1000);
    assert.ok(time.restMs(0) < 10);
  });
});
