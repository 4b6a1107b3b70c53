import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chainLine, chainStart, isWhole, type Link } from "../../../lib/audit/chain.ts";
import { chainVerifier, verifyChain } from "../../../lib/audit/verify.ts";

const time = "2026-01-02T03:04:05.000Z";

function chainOf(events: readonly Readonly<Record<string, unknown>>[], from: Link = chainStart) {
  const lines: string[] = [];
  let link = from;
  for (const about of events) {
    const made = chainLine({ time, event: "access.rejected", result: "rejected", ...about } as never, link);
    lines.push(made.line);
    link = made.link;
  }
  return { lines, link };
}

const ten = Array.from({ length: 10 }, (_, i) => ({ path: `/${i}` }));

describe("the chain of lines", () => {
  const { lines, link } = chainOf(ten);

  it("counts, and names the SHA-256 of the line before", () => {
    const parsed = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      parsed.map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.equal(parsed[0].prev, "");
    assert.equal(parsed[4].prev, createHash("sha256").update(lines[3]!).digest("hex"));
    assert.ok(lines.every(isWhole));
  });

  it("stays within 2048 bytes with its end", () => {
    const long = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`m${i}`, "x".repeat(256)]));
    const { lines: longLines } = chainOf([long, long]);
    for (const line of longLines) assert.ok(Buffer.byteLength(line) < 2048);
    assert.equal(verifyChain(longLines).ok, true);
  });

  it("is found whole", () => {
    assert.deepEqual(verifyChain(lines), { ok: true, lines: 10, first: 1, last: 10, head: link.hash });
    assert.deepEqual(verifyChain([]), { ok: true, lines: 0, first: 0, last: 0, head: "" });
    assert.equal(verifyChain(lines.slice(4)).first, 5);
  });

  for (const at of [0, 4, 9]) {
    it(`shows that line ${at + 1} was changed`, () => {
      const forged = lines.with(at, lines[at]!.replace(`/${at}`, "/x"));
      assert.deepEqual(verifyChain(forged).broken, { line: at + 1, problem: "changed" });
    });
  }

  it("shows that a line was written anew, with its own sum", () => {
    const { seq: _, prev: __, sum: ___, ...event } = JSON.parse(lines[4]!);
    const { line } = chainLine({ ...event, path: "/x" }, { seq: 4, hash: JSON.parse(lines[4]!).prev });
    assert.deepEqual(verifyChain(lines.with(4, line)).broken, { line: 5, problem: "changed" });
  });

  it("shows that lines are missing, stand elsewhere or twice", () => {
    assert.deepEqual(verifyChain(lines.toSpliced(4, 1)).broken, { line: 5, problem: "missing" });
    assert.deepEqual(verifyChain([lines[0]!, lines[2]!, lines[1]!]).broken, { line: 2, problem: "missing" });
    assert.deepEqual(verifyChain([lines[0]!, lines[1]!, lines[0]!]).broken, { line: 3, problem: "reordered" });
    assert.deepEqual(verifyChain([lines[0]!, lines[0]!]).broken, { line: 2, problem: "reordered" });
  });

  it("shows lines that are no lines of a chain", () => {
    for (const line of ["", "nonsense", "{}", '{"seq":1,"prev":"","sum":"0000000000000000"}']) {
      assert.deepEqual(verifyChain([line, ...lines]).broken, { line: 1, problem: "changed" });
      assert.deepEqual(verifyChain([...lines, line]).broken, { line: 11, problem: "changed" });
    }
    const whole = (text: string) => `${text},"sum":"${createHash("sha256").update(text).digest("hex").slice(0, 16)}"}`;
    assert.equal(verifyChain([whole('{"a":1')]).ok, false);
    assert.equal(verifyChain([whole("{nonsense")]).ok, false);
    assert.equal(verifyChain([whole('{"seq":1,"prev":2')]).ok, false);
  });

  it("looks no further than the first break", () => {
    const verifier = chainVerifier();
    const taken = [lines[0]!, lines[2]!, lines[3]!].map((line) => verifier.add(line));
    assert.deepEqual(taken, [true, false, false]);
    assert.equal(verifier.end().lines, 2);
  });

  it("goes on after a crash within a line, when the next start says so", () => {
    const torn = lines[9]!.slice(0, 40);
    const hash = createHash("sha256").update(torn).digest("hex");
    const rest = (more: object) => chainOf([{ event: "audit.start", ...more }, {}], { seq: 9, hash }).lines;
    assert.equal(verifyChain([...lines.slice(0, 9), torn, ...rest({ torn: true })]).ok, true);
    assert.equal(verifyChain([torn, ...rest({ torn: true })]).first, 10);
    const silent = verifyChain([...lines.slice(0, 9), torn, ...rest({})]);
    assert.deepEqual(silent.broken, { line: 10, problem: "changed" });
    const other = verifyChain([...lines.slice(0, 9), `${torn}x`, ...rest({ torn: true })]);
    assert.deepEqual(other.broken, { line: 10, problem: "changed" });
  });
});
