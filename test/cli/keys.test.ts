import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseApiKey } from "../../lib/secrets/api-key.ts";
import { testMasterKey } from "../support/seed.ts";
import { commandLine } from "./gatehouse.ts";

describe("gatehouse keys", function () {
  this.timeout(60_000);
  const { run, folder, remove } = commandLine({ GATEHOUSE_MASTER_KEY: testMasterKey });
  after(remove);

  it("create makes a key, and writes it to the standard output and nothing else there", async () => {
    const made = await run("keys create first --scope orders:read --scope orders:write --expires 30d");
    assert.equal(made.code, 0, made.err);
    const key = made.out.trim();
    const id = parseApiKey(key, "gh")?.id;
    assert.ok(id);
    assert.equal(made.out, `${key}\n`);
    assert.ok(!made.err.includes(key));
    const shown = (await run(`keys get ${id} --json`)).json;
    assert.deepEqual(shown.scopes, ["orders:read", "orders:write"]);
    assert.ok(Math.abs(Date.parse(shown.expiresAt) - Date.now() - 30 * 86_400_000) < 60_000);
    assert.match((await run("verify -", key)).out, new RegExp(`^accepted: ${id}`));
    for (const file of readdirSync(join(folder, "gatehouse"))) {
      assert.ok(!readFileSync(join(folder, "gatehouse", file)).includes(key), file);
    }
  });

  it("create takes all conditions, and a name with blanks", async () => {
    const words =
      "keys create --kind client --environment sandbox --address 10.0.0.0/8 --limit 100/1m --not-before 2026-01-01 --metadata team=a=b --json --actor ann";
    const { json, out } = await run(words, "", ["--description", "two words", "a key of ours"]);
    assert.match(json.secret, /^gh_test_/);
    assert.equal(out.split(json.secret).length, 2);
    const { name, description, kind, environment, addresses, limit, notBefore, metadata, createdBy } = json;
    assert.deepEqual(
      { name, description, kind, environment, addresses, limit, notBefore, metadata, createdBy },
      {
        name: "a key of ours",
        description: "two words",
        kind: "client",
        environment: "sandbox",
        addresses: ["10.0.0.0/8"],
        limit: { requests: 100, windowSeconds: 60 },
        notBefore: "2026-01-01T00:00:00.000Z",
        metadata: { team: "a=b" },
        createdBy: "ann",
      },
    );
  });

  it("rotate gives a new key; the old one stays valid for the overlap, which can be ended", async () => {
    const old = (await run("keys create rotating")).out.trim();
    const id = parseApiKey(old, "gh")?.id;
    const fresh = (await run(`keys rotate ${id}`)).out.trim();
    assert.equal(parseApiKey(fresh, "gh")?.id, id);
    const verdicts = async () => [(await run("verify -", old)).code, (await run("verify -", fresh)).code];
    assert.deepEqual(await verdicts(), [0, 0]);
    assert.equal((await run(`keys end-overlap ${id}`)).code, 0);
    assert.deepEqual(await verdicts(), [1, 0]);
    assert.equal((await run(`keys rotate ${id} --overlap 0`)).code, 0);
    assert.deepEqual(await verdicts(), [1, 1]);
  });

  it("update changes what is named, and takes away what is none", async () => {
    const { id } = (await run("keys create changing --scope a --limit 1/1s --expires 1d --address 10.0.0.1 --json"))
      .json;
    const changed = (await run(`keys update ${id} --name other --limit none --expires never --json`)).json;
    assert.deepEqual(
      [changed.name, changed.limit, changed.expiresAt, changed.scopes],
      ["other", undefined, undefined, ["a"]],
    );
    const cleared = (await run(`keys update ${id} --no-scopes --no-addresses --if-version 2 --json`)).json;
    assert.deepEqual([cleared.scopes, cleared.addresses, cleared.version], [[], [], 3]);
    const late = await run(`keys update ${id} --name late --if-version 2`);
    assert.deepEqual([late.code, late.out], [1, ""]);
    assert.match(late.err, /refused: Somebody else changed it/);
  });

  it("disable, enable and revoke; what is revoked stays so", async () => {
    const key = (await run("keys create ending")).out.trim();
    const id = parseApiKey(key, "gh")?.id;
    const reason = async () => (await run("verify - --json", key)).json.reason;
    await run(`keys disable ${id}`);
    assert.equal(await reason(), "disabled");
    await run(`keys enable ${id}`);
    assert.equal(await reason(), undefined);
    assert.match((await run(`keys revoke ${id}`)).err, /^revoked: /);
    assert.equal(await reason(), "revoked");
    for (const action of ["enable", "rotate", "end-overlap", "update"]) {
      assert.equal((await run(`keys ${action} ${id}`)).code, 1, action);
    }
    assert.equal(await reason(), "revoked");
  });

  it("import takes a token from the standard input, with a warning when it is short", async () => {
    const made = await run("keys import partner", "abc123\n");
    assert.equal(made.code, 0, made.err);
    assert.match(made.err, /warning: This token is short/);
    assert.equal(made.out, "");
    assert.equal((await run("verify -", "abc123")).code, 0);
    assert.match((await run("keys import twice", "abc123")).err, /Another key of this store has this token/);
    assert.equal((await run("keys import nothing")).code, 2);
    assert.equal((await run("keys import two", "one\ntwo\n")).code, 2);
  });

  it("list shows all, finds some, and with --json one a line", async () => {
    for (const name of ["page-1", "page-2", "page-3"]) await run(`keys create ${name}`);
    const table = (await run("keys list --search PAGE")).out.trimEnd().split("\n");
    assert.equal(table.length, 4);
    assert.match(table[0] ?? "", /^ID +STATE +ENVIRONMENT +EXPIRES +LAST USED +NAME$/);
    assert.match(table[1] ?? "", /^\w{12} +active +production +never +- +page-\d$/);
    const lines = (await run("keys list --search page --limit 2 --json")).out.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).state),
      ["active", "active"],
    );
    assert.match((await run("keys list --search page-1")).out, /page-1/);
  });

  it("get says what there is, and that there is nothing", async () => {
    const { id } = (await run("keys create shown --json")).json;
    assert.match((await run(`keys get ${id}`)).out, new RegExp(`^id +${id}\nname +shown\n`));
    const missing = await run("keys get nobody");
    assert.deepEqual([missing.code, missing.err], [1, "refused: The store holds nothing of this id.\n"]);
  });

  it("refuse what the operations refuse, by name of the member", async () => {
    const wrong = await run(
      "keys create x --environment staging --scope a\\b --expires yesterday --address 10.0.0.300",
    );
    assert.equal(wrong.code, 1);
    for (const member of ["environment", "scopes/0", "expiresAt", "addresses"])
      assert.ok(wrong.err.includes(member), member);
  });

  it("use the prefix that is given", async () => {
    const key = (await run("keys create own --prefix acme")).out.trim();
    assert.match(key, /^acme_live_/);
    assert.equal((await run("verify - --prefix acme", key)).code, 0);
    assert.equal((await run("verify -", key)).code, 1);
    assert.equal((await run("keys create x --prefix A_B")).code, 2);
  });
});
