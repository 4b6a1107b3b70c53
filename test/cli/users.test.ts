import assert from "node:assert/strict";
import { commandLine } from "./gatehouse.ts";

describe("gatehouse users", function () {
  this.timeout(60_000);
  const { run, remove } = commandLine();
  after(remove);
  const login = async (name: string, password: string) => (await run(`verify - --user ${name}`, password)).code;

  it("add takes the password from the standard input", async () => {
    const made = await run("users add kate --scope orders:read", "correct horse\n");
    assert.deepEqual([made.code, made.out], [0, ""], made.err);
    assert.deepEqual([await login("kate", "correct horse"), await login("kate", "wrong horse")], [0, 1]);
    assert.equal((await run("users get kate --json")).json.passwordKind, "argon2id");
  });

  it("add refuses a password that is tried first, and a name that is taken", async () => {
    assert.match((await run("users add lee", "password1")).err, /refused: password is one of the passwords/);
    assert.match((await run("users add kate", "another horse")).err, /refused: The store has a user of this name/);
    assert.match((await run("users add a:b", "another horse")).err, /refused: name takes no colon/);
    assert.equal((await run("users add lee")).code, 2);
  });

  it("passwd sets another one", async () => {
    assert.equal((await run("users passwd kate", "another horse")).code, 0);
    assert.deepEqual([await login("kate", "correct horse"), await login("kate", "another horse")], [1, 0]);
    assert.equal((await run("users passwd nobody", "another horse")).code, 1);
  });

  it("update, disable, enable, list and revoke", async () => {
    await run("users add pat", "correct horse");
    assert.deepEqual((await run("users update pat --scope a --environment sandbox --json")).json.scopes, ["a"]);
    await run("users disable pat");
    assert.equal(await login("pat", "correct horse"), 1);
    await run("users enable pat");
    assert.equal(await login("pat", "correct horse"), 0);
    assert.match((await run("users list")).out, /\npat +active +sandbox /);
    await run("users revoke pat");
    assert.match((await run("verify - --user pat", "correct horse")).out, /^refused: revoked \(pat\)/);
  });

  it("takes no password as an argument, and repeats none", async () => {
    for (const line of [
      "users add eve --password=hunter2-hunter2",
      "users add eve --password hunter2-hunter2",
      "users add eve hunter2-hunter2",
    ]) {
      const refused = await run(line, "correct horse");
      assert.equal(refused.code, 2, line);
      assert.ok(!`${refused.out}${refused.err}`.includes("hunter2"), line);
    }
    assert.equal((await run("users get eve")).code, 1);
  });
});
