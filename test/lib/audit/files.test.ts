import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chainLine, chainStart, type Link, lineHash } from "../../../lib/audit/chain.ts";
import { chainEnd } from "../../../lib/audit/tail.ts";
import { verifyFiles } from "../../../lib/audit/verify-files.ts";

function lines(count: number, from: Link = chainStart) {
  const made: string[] = [];
  let link = from;
  for (let i = 0; i < count; i++) {
    const next = chainLine({ time: "2026-01-02T03:04:05.000Z", event: "x", result: "noted", i }, link);
    made.push(next.line);
    link = next.link;
  }
  return { made, link, text: `${made.join("\n")}\n` };
}

describe("the end of a file of the audit trail", () => {
  const { made, link, text } = lines(3);

  it("is its last line, by number and hash", () => {
    assert.deepEqual(chainEnd(text), { link, torn: false, open: false });
    assert.deepEqual(chainEnd(text.slice(10)), { link, torn: false, open: false });
  });

  it("is where the writer was when the file is empty", () => {
    assert.deepEqual(chainEnd(""), { link: chainStart, torn: false, open: false });
    assert.deepEqual(chainEnd("", link), { link, torn: false, open: false });
  });

  it("is open when the last line has no end, and torn when it is not whole", () => {
    assert.deepEqual(chainEnd(text.slice(0, -1)), { link, torn: false, open: true });
    const torn = text.slice(0, -20);
    const hash = lineHash(torn.split("\n").at(-1)!);
    assert.deepEqual(chainEnd(torn), { link: { seq: 2, hash }, torn: true, open: true });
    assert.deepEqual(chainEnd("gibberish"), { link: { seq: 0, hash: lineHash("gibberish") }, torn: true, open: true });
  });

  it("keeps the writer's number when lines were cut off or changed", () => {
    const cut = `${made.slice(0, 2).join("\n")}\n`;
    assert.deepEqual(chainEnd(cut, link).link, { seq: 3, hash: lineHash(made[1]!) });
    assert.deepEqual(chainEnd("gibberish\n", link).link, { seq: 3, hash: lineHash("gibberish") });
  });
});

describe("the files of an audit trail", () => {
  let folder: string;
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const one = lines(3);
  const two = lines(3, one.link);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-verify-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are one chain in the order of their lines, not of their names", async () => {
    const files = [put("a", two.text), put("b", one.text)];
    assert.deepEqual(await verifyFiles(files), { ok: true, lines: 6, first: 1, last: 6, head: two.link.hash });
  });

  it("show in which file and line the chain is broken", async () => {
    const files = [put("a", one.text), put("b", two.text.replace('"i":1', '"i":7'))];
    assert.deepEqual((await verifyFiles(files)).broken, { file: files[1], line: 2, problem: "changed" });
    const missing = [files[0]!, put("c", `${two.made.slice(1).join("\n")}\n`)];
    assert.deepEqual((await verifyFiles(missing)).broken, { file: missing[1], line: 1, problem: "missing" });
  });

  it("may be empty or of another kind", async () => {
    const empty = put("empty", "");
    assert.equal((await verifyFiles([empty, put("a", one.text)])).ok, true);
    const alien = put("b", "hello\n");
    assert.deepEqual((await verifyFiles([alien, put("0", "x\n")])).broken, {
      file: join(folder, "0"),
      line: 1,
      problem: "changed",
    });
    const sum = lineHash('{"a":1').slice(0, 16);
    assert.equal((await verifyFiles([put("c", `{"a":1,"sum":"${sum}"}\n`)])).ok, false);
  });

  it("must be there", async () => {
    await assert.rejects(verifyFiles([join(folder, "nothing")]), { code: "ENOENT" });
  });
});
