import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { UsageError } from "../../cli/command.ts";
import { typed } from "../../cli/prompt.ts";

/** A terminal on which somebody types. */
function keyboard() {
  const raw: boolean[] = [];
  const shown: string[] = [];
  const stdin = Object.assign(new EventEmitter(), {
    setRawMode: (on: boolean) => raw.push(on),
    setEncoding: () => undefined,
    resume: () => undefined,
    pause: () => undefined,
  });
  const stderr = { write: (text: string) => shown.push(text) };
  const asked = typed(stdin as never, stderr as never, "Password: ");
  return { type: (text: string) => stdin.emit("data", text), asked, raw, shown };
}

describe("a hidden prompt", () => {
  it("takes a line, however it comes, and shows nothing of it", async () => {
    const { type, asked, raw, shown } = keyboard();
    for (const chunk of ["corr", "ect hörse 🔑\r"]) type(chunk);
    assert.equal(await asked, "correct hörse 🔑");
    assert.deepEqual([shown.join(""), raw], ["Password: \n", [true, false]]);
  });

  it("takes back whole characters", async () => {
    const { type, asked } = keyboard();
    type("ab🔑");
    type("\u007f\b\bc\n");
    assert.equal(await asked, "c");
  });

  it("is given up with Ctrl-C and Ctrl-D, and leaves the terminal as it was", async () => {
    for (const key of ["\u0003", "\u0004"]) {
      const { type, asked, raw } = keyboard();
      type(`abc${key}`);
      await assert.rejects(asked, UsageError);
      assert.deepEqual(raw, [true, false]);
    }
  });
});
