import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chainLine, chainStart } from "../../lib/audit/chain.ts";
import { commandLine } from "./gatehouse.ts";

describe("gatehouse audit verify", function () {
  this.timeout(60_000);
  const { run, folder, remove } = commandLine();
  after(remove);

  let link = chainStart;
  const lines = Array.from({ length: 6 }, (_, i) => {
    const made = chainLine({ time: "2026-01-02T03:04:05.000Z", event: "x", result: "noted", path: `/${i}` }, link);
    link = made.link;
    return `${made.line}\n`;
  });
  const put = (name: string, text: readonly string[]) => writeFileSync(join(folder, name), text.join(""));

  it("needs no store, and says that the lines of all files are as they were written", async () => {
    put("audit.jsonl", lines.slice(3));
    put("audit.jsonl.1", lines.slice(0, 3));
    const { code, out } = await run("audit verify audit.jsonl audit.jsonl.1");
    assert.equal(out, `6 lines are as they were written: 1 to 6, the last one with ${link.hash}\n`);
    assert.equal(code, 0);
    assert.equal((await run("audit verify --json audit.jsonl audit.jsonl.1")).json.head, link.hash);
  });

  it("names the line that was changed or is missing, and ends with 1", async () => {
    put("changed", lines.with(4, lines[4]!.replace("/4", "/x")));
    const changed = await run("audit verify changed");
    assert.deepEqual([changed.code, changed.out], [1, "changed, line 5: it was changed\n"]);
    put("missing", lines.toSpliced(2, 1));
    const missing = await run("audit verify missing --json");
    assert.deepEqual([missing.code, missing.json.broken], [1, { file: "missing", line: 3, problem: "missing" }]);
  });

  it("ends with 2 for a file that is not there, and for none", async () => {
    assert.equal((await run("audit verify nothing")).code, 2);
    assert.equal((await run("audit verify")).code, 2);
    assert.match((await run("audit verify --help")).out, /Usage: gatehouse audit verify FILE\.\.\./);
  });
});
