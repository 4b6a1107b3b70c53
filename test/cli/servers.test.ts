import assert from "node:assert/strict";
import { type PostgresServer, postgresPrograms, startPostgres } from "../support/postgres-server.ts";
import { hasProgram, type RedisServer, startRedis } from "../support/servers.ts";
import { commandLine } from "./gatehouse.ts";

const password = "a password for tests";

/** The same commands, whatever keeps the keys. */
async function worksWith(store: string): Promise<void> {
  const { run, remove } = commandLine({ GATEHOUSE_STORE: store, GATEHOUSE_STORE_PASSWORD: password });
  const made = await run("keys create first");
  assert.equal(made.code, 0, made.err);
  const key = made.out.trim();
  assert.equal((await run("verify -", key)).code, 0);
  const { id } = (await run("keys list --json")).json;
  assert.equal((await run(`keys revoke ${id}`)).code, 0);
  assert.match((await run("verify -", key)).out, /^refused: revoked/);
  const exported = (await run("export --with-digests")).out;
  assert.match((await run("import jsonl - --store embedded:copy", exported)).err, /1 imported/);
  const wrong = commandLine({ GATEHOUSE_STORE: store, GATEHOUSE_STORE_PASSWORD: "wrong-password" });
  const refused = await wrong.run("keys list");
  assert.equal(refused.code, 3);
  assert.ok(!refused.err.includes("wrong-password"));
  wrong.remove();
  remove();
}

describe("the command line with a store on a server", function () {
  this.timeout(60_000);

  if (hasProgram("redis-server", "apt-get install redis-server")) {
    describe("redis", () => {
      let server: RedisServer;
      before(async () => {
        server = await startRedis({ settings: () => ["--requirepass", password] });
      });
      after(() => server.stop());

      it("does what it does with a folder, and keeps stores of other prefixes apart", async () => {
        await worksWith(server.url);
        await worksWith(`${server.url}?prefix=other`);
      });
    });
  }

  if (postgresPrograms() !== undefined || process.env.CI === "true") {
    describe("postgres", () => {
      let server: PostgresServer;
      before(async () => {
        server = await startPostgres();
      });
      after(() => server.remove());

      it("does what it does with a folder, and keeps stores of other schemas apart", async () => {
        const address = server.url().replace("://", `://${server.user}@`);
        await worksWith(address);
        await worksWith(`${address}?schema=other`);
      });
    });
  }
});
