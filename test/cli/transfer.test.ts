import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseApiKey } from "../../lib/secrets/api-key.ts";
import { commandLine } from "./gatehouse.ts";

const bcrypt = "$2y$10$2CXfUL26/intLCFhdaCqh.OxosjXbOUgp/xaGh4t7YqWDD9zukrC2";

describe("gatehouse export and import", function () {
  this.timeout(60_000);
  const { run, folder, remove } = commandLine();
  after(remove);

  it("move keys and users from one store to another", async () => {
    const key = (await run("keys create moving --scope a")).out.trim();
    const gone = (await run("keys create gone")).out.trim();
    await run(`keys revoke ${parseApiKey(gone, "gh")?.id}`);
    await run("users add kate", "correct horse");
    const exported = await run("export --with-digests");
    assert.match(exported.err, /kept as safe as the store/);
    assert.equal(exported.out.trimEnd().split("\n").length, 3);
    const imported = await run("import jsonl - --store embedded:other", exported.out);
    assert.deepEqual([imported.code, imported.err], [0, "3 imported\n"]);
    assert.equal((await run("verify - --store other", key)).code, 0);
    assert.match((await run("verify - --store other", gone)).out, /^refused: revoked/);
    assert.equal((await run("verify - --user kate --store other", "correct horse")).code, 0);

    const alive = exported.out.replace(/"revokedAt":"[^"]+",/, "");
    assert.match((await run("import jsonl - --store other", alive)).err, /3 exists/);
    assert.match((await run("verify - --store other", gone)).out, /^refused: revoked/);
  });

  it("export nothing that proves a caller unless asked to; such lines cannot be imported", async () => {
    const exported = await run("export");
    assert.doesNotMatch(exported.out, /sha256|argon2id\$|digest/);
    const refused = await run("import jsonl - --json --store third", exported.out);
    assert.equal(refused.code, 1);
    for (const line of refused.out.trimEnd().split("\n")) assert.equal(JSON.parse(line).result, "refused");
  });

  it("import htpasswd takes users with their passwords, and names the lines that it refuses", async () => {
    const file = join(folder, "htpasswd");
    writeFileSync(file, `ann:${bcrypt}\n\nbob:plain-text\nann:${bcrypt}\n`);
    const told = await run("import htpasswd htpasswd --scope read --environment sandbox --store users");
    assert.equal(told.code, 1);
    assert.match(told.err, /line 3: bob refused: the hash is plain text/);
    assert.match(told.err, /1 imported, 2 refused/);
    assert.ok(!told.err.includes("plain-text"));
    const { scopes, environment, passwordKind } = (await run("users get ann --json --store users")).json;
    assert.deepEqual(
      { scopes, environment, passwordKind },
      { scopes: ["read"], environment: "sandbox", passwordKind: "bcrypt" },
    );
    assert.match((await run("import htpasswd - --store users", `ann:${bcrypt}\n`)).err, /line 1: ann exists\n1 exists/);
    assert.match((await run("import htpasswd - --scope a\\b --store users", `x:${bcrypt}\n`)).err, /^refused: scopes/);
  });

  it("say that a file cannot be read", async () => {
    for (const file of ["nowhere", "."]) {
      const told = await run(`import jsonl ${file}`);
      assert.deepEqual([told.code, told.err], [2, `gatehouse: The file ${file} cannot be read.\n`]);
    }
    assert.match((await run("import jsonl -")).err, /nothing to import/);
  });
});
