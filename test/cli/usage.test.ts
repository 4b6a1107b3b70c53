import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run as runHere } from "../../cli/run.ts";
import { freePort } from "../harness/node-red.ts";
import { commandLine } from "./gatehouse.ts";

const commands = [
  ...["create", "import", "update", "rotate", "end-overlap", "list", "get", "disable", "enable", "revoke"].map(
    (action) => `keys ${action}`,
  ),
  ...["add", "passwd", "update", "list", "get", "disable", "enable", "revoke"].map((action) => `users ${action}`),
  ...["import htpasswd", "import jsonl", "export", "verify"],
];

/** In this process, for what needs many runs and no folder of its own. */
async function here(line: string, input = "") {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runHere(
    line.split(" ").filter(Boolean),
    {},
    {
      result: (text) => out.push(`${text}\n`),
      resultPart: async (text) => void out.push(text),
      say: (text) => err.push(`${text}\n`),
      secret: async () => input,
      lines: async function* () {
        yield* input.split("\n");
      },
    },
  );
  return { code, out: out.join(""), err: err.join("") };
}

describe("the command line", function () {
  this.timeout(60_000);
  const { run, folder, remove } = commandLine();
  after(remove);

  it("explains itself: all, a group, and each command, without a store", async () => {
    for (const line of ["", "--help", "-h", "help"]) {
      const all = await here(line);
      assert.equal(all.code, 0, line);
      for (const command of commands) assert.ok(all.out.includes(`  ${command}`), command);
      assert.match(all.out, /Exit codes: 0 done, 1 refused, 2 wrong use, 3 the store/);
    }
    const users = await here("users --help");
    assert.ok(users.out.includes("users add") && !users.out.includes("keys create"));
    for (const command of commands) {
      const { code, out } = await here(`${command} --help`);
      assert.equal(code, 0, command);
      assert.ok(out.startsWith(`Usage: gatehouse ${command}`), command);
      assert.match(out, /--store ADDRESS/);
    }
    assert.equal((await run("keys create --help")).out, (await here("keys create --help")).out);
    assert.ok(!existsSync(join(folder, "gatehouse")));
  });

  it("exits with 2 for what makes no sense, and touches no store", async () => {
    const lines = [
      "fly",
      "keys",
      "keys fly",
      "keys create",
      "keys create a b",
      "keys get",
      "keys list --fly",
      "keys list --search",
      "keys list --json=yes",
      "keys create x --expires",
      "keys create x --store ftp://127.0.0.1",
      "keys create x --store embedded:",
      "keys create x --store redis://[",
      "keys create x --store redis://127.0.0.1/names",
      "export --store postgres://127.0.0.1/x?fly=1",
      "constructor",
      "__proto__ toString",
    ];
    for (const line of lines) {
      const { code, out, err } = await here(line);
      assert.deepEqual([code, out], [2, ""], `${line}: ${err}`);
      assert.match(err, /^gatehouse: /);
    }
    assert.equal((await run("keys fly")).code, 2);
  });

  it("exits with 2 for values that make no sense", async () => {
    await run("keys create x --store named");
    const lines = [
      "keys create x --limit many",
      "keys create x --limit 5",
      "keys create x --metadata alone",
      "keys list --limit some",
      "keys rotate x --overlap long",
      "keys update x --scope a --no-scopes",
    ];
    for (const line of lines) {
      const { code, out, err } = await here(`${line} --store ${join(folder, "named")}`);
      assert.deepEqual([code, out.replace(/^ID .*\n/, "")], [2, ""], `${line}: ${err}`);
    }
  });

  it("exits with 3 where there is no store, and makes none in passing", async () => {
    const lines = ["keys list", "verify x", "keys revoke x", "export", "users passwd x"];
    for (const line of lines) {
      const { code, err } = await here(`${line} --store embedded:${join(folder, "typo")}`, "correct horse");
      assert.equal(code, 3, line);
      assert.match(err, /There is no store in .*typo/);
    }
    assert.ok(!existsSync(join(folder, "typo")));
    const port = await freePort("127.0.0.1");
    for (const address of [`redis://127.0.0.1:${port}`, `postgres://u:hunter2@127.0.0.1:${port}/x`]) {
      const { code, err } = await run(`keys list --store ${address}`);
      assert.equal(code, 3, err);
      assert.ok(!err.includes("hunter2"));
    }
  });

  it("exits with 3 where a store cannot be opened", async () => {
    writeFileSync(join(folder, "a-file"), "");
    const { code, out, err } = await run("keys create x --store a-file");
    assert.deepEqual([code, out], [3, ""], err);
  });

  it("finds the store by GATEHOUSE_STORE", async () => {
    const own = commandLine({ GATEHOUSE_STORE: `embedded:${join(folder, "named")}` });
    assert.equal((await own.run("keys create x")).code, 0);
    own.remove();
    assert.equal((await run("keys list --store named --json --limit 1")).json.name, "x");
  });

  it("refuses a master key that is none, and needs one for tokens", async () => {
    const broken = commandLine({ GATEHOUSE_MASTER_KEY_FILE: join(folder, "nowhere") });
    const told = await broken.run("keys create x");
    assert.deepEqual([told.code, told.out], [2, ""]);
    broken.remove();
    const without = await run("keys import x --store named", "abc123");
    assert.equal(without.code, 2);
    assert.match(without.err, /master key/);
  });

  it("writes nothing that a terminal would obey", async () => {
    const { run: own, remove: away } = commandLine();
    await own("keys create x --actor", "", ["\u001b[31mred"]);
    const { out } = await own("keys list --json");
    assert.ok(!out.includes("\\u001b") && !out.includes("\u001b"));
    assert.ok(!(await own("keys get", "", ["\u001b[31m"])).err.includes("\u001b"));
    away();
  });
});
