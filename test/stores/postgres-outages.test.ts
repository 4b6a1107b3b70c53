import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { StoreError } from "../../lib/errors.ts";
import type { Store } from "../../lib/store.ts";
import type { PostgresOptions } from "../../stores/postgres/options.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { type TcpProxy, tcpProxy } from "../support/servers.ts";
import { describePostgres, optionsFor, outcome, until, withStores } from "./postgres-kit.ts";
import { keyRecord } from "./records.ts";

const quota = { capacity: 1_000_000, windowMs: 1_000 };
/** Longest rest between two attempts, a time-out on top. */
const recoversWithinMs = 6_000;

describePostgres("outages of a PostgreSQL server", (server) => {
  it("refuses at once while the server is gone, and comes back by itself", async () => {
    const told: string[] = [];
    const options = { ...optionsFor(server()), reports: reportsTo(told) };
    await withStores([options], async (store) => {
      await store!.put("key", keyRecord("a"));
      assert.deepEqual(await store!.get("key", "a"), keyRecord("a"));
      await server().kill();
      await until(async () => (await outcome(() => store!.get("key", "a"))) === "unreachable", 1_000);
      const startedAt = performance.now();
      for (let round = 0; round < 50; round += 1) assert.equal(await refusals(store!), "unreachable");
      assert.ok(performance.now() - startedAt < 1_000, "each refusal takes its time");
      await server().start();
      const ms = await until(
        async () => (await outcome(() => store!.get("key", "a"))) !== "unreachable",
        recoversWithinMs,
      );
      console.log(`        back after ${ms.toFixed(0)} ms`);
      assert.deepEqual(await store!.get("key", "a"), keyRecord("a"));
      assert.equal(await store!.put("key", keyRecord("a", { version: 2, revokedAt: 1 })), true);
      assert.deepEqual(told, ["away: unreachable", "back"]);
    });
  });

  it("serves nothing from memory while the connection is cut, and knows afterwards what changed meanwhile", () =>
    throughProxy(async (proxy, options) => {
      await withStores([options, { ...options, url: server().url() }], async (store, near) => {
        await store!.put("key", keyRecord("a"));
        await store!.get("key", "a");
        proxy.cut();
        await until(async () => (await outcome(() => store!.get("key", "a"))) === "unreachable", 1_000);
        await near!.put("key", keyRecord("a", { version: 2, revokedAt: 1 }));
        proxy.mend();
        const accepted = (found: unknown) => (found as { revokedAt?: number })?.revokedAt === undefined;
        await until(async () => {
          const found = await outcome(() => store!.get("key", "a"));
          assert.ok(found === "unreachable" || !accepted(found), "a revoked key was accepted");
          return found !== "unreachable";
        }, recoversWithinMs);
      });
    }));

  it("waits for a silent server no longer than its time-out, and refuses at once from then on", () =>
    throughProxy(async (proxy, options) => {
      await withStores([options], async (store) => {
        await store!.put("key", keyRecord("a"));
        proxy.freeze();
        const [code, ms] = await timed(() => outcome(() => store!.take("b", quota, 1, Date.now())));
        assert.equal(code, "unreachable");
        assert.ok(ms < 3_000, `${ms} ms`);
        await until(async () => (await timed(() => outcome(() => store!.get("key", "b"))))[1] < 50, 6_000);
        assert.equal(await outcome(() => store!.get("key", "a")), "unreachable");
        proxy.mend();
        await until(async () => (await outcome(() => store!.get("key", "a"))) !== "unreachable", 8_000);
        assert.deepEqual(await store!.get("key", "a"), keyRecord("a"));
      });
    })).timeout(30_000);

  it("works on, if slowly, when each answer takes its time", () =>
    throughProxy(async (proxy, options) => {
      await withStores([options], async (store) => {
        proxy.delayMs = 150;
        assert.equal(await store!.put("key", keyRecord("a")), true);
        assert.equal((await store!.take("b", quota, 1, Date.now())).allowed, true);
        assert.deepEqual(await store!.get("key", "a"), keyRecord("a"));
      });
    }));

  it("gives up a statement that waits for somebody's transaction, and keeps its connection", async () => {
    const options = optionsFor(server());
    await withStores([options], async (store) => {
      await store!.put("key", keyRecord("a"));
      const person = server().sql(`BEGIN; UPDATE ${options.schema}.keys SET name = 'x'; SELECT pg_sleep(3); COMMIT`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal(await outcome(() => store!.put("key", keyRecord("a", { version: 2, revokedAt: 1 }))), "unreachable");
      assert.equal((await store!.get("key", "a"))?.name, "Key a");
      await person;
      assert.equal(await store!.put("key", keyRecord("a", { version: 3, revokedAt: 1 })), true);
    });
  });

  it("outlives a connection that is lost in the middle of a question", () =>
    throughProxy(async (proxy, options) => {
      await withStores([options], async (store) => {
        await store!.put("key", keyRecord("a"));
        const person = server().sql(
          `BEGIN; UPDATE ${options.schema}.keys SET name = 'x'; SELECT pg_sleep(1); ROLLBACK`,
        );
        await new Promise((resolve) => setTimeout(resolve, 200));
        const asked = outcome(() => store!.put("key", keyRecord("a", { version: 2 })));
        await new Promise((resolve) => setTimeout(resolve, 200));
        proxy.cut();
        assert.equal(await asked, "unreachable");
        await person;
      });
    }));

  it("reads from a server that only reads, refuses to write as read-only, and writes again when it can", async () => {
    const told: string[] = [];
    const options = { ...optionsFor(server()), reports: reportsTo(told) };
    await withStores([options], async (store) => {
      await store!.put("key", keyRecord("a"));
      await server().set("default_transaction_read_only", "on");
      await until(async () => (await outcome(() => store!.put("key", keyRecord("b")))) === "read-only", 1_000);
      assert.equal(await refusals(store!), "read-only");
      assert.deepEqual(await store!.get("key", "a"), keyRecord("a"));
      assert.equal(await outcome(() => store!.remove("key", "a", 1)), "read-only");
      await server().set("default_transaction_read_only", "off");
      await until(async () => (await outcome(() => store!.put("key", keyRecord("c")))) === true, recoversWithinMs);
      assert.deepEqual(told, []);
    });
  });

  it("follows a fail-over to a standby that only reads, and on to one that writes", async () => {
    const primary = await startPostgres();
    try {
      const standby = await primary.standby();
      const proxy = await tcpProxy(primary.port);
      try {
        const options = optionsFor(primary, proxy.port);
        await withStores([options], async (store) => {
          await store!.put("key", keyRecord("a"));
          await store!.put("key", keyRecord("old", { revokedAt: 1 }));
          await until(() => arrived(standby, options.schema, 2), 5_000);
          await primary.kill();
          proxy.redirect(standby.port);
          await until(
            async () => (await outcome(() => store!.put("key", keyRecord("b")))) === "read-only",
            recoversWithinMs,
          );
          // An attempt that began before the fail-over may end, and be noted, only now.
          await until(async () => (await outcome(() => store!.get("key", "a"))) !== "unreachable", recoversWithinMs);
          assert.deepEqual(await store!.get("key", "a"), keyRecord("a"));
          assert.equal((await store!.get("key", "old"))?.revokedAt, 1);
          assert.equal(await refusals(store!), "read-only");
          await standby.sql("SELECT pg_promote()");
          await until(async () => (await outcome(() => store!.put("key", keyRecord("c")))) === true, recoversWithinMs);
          assert.equal((await store!.take("b", quota, 1, Date.now())).allowed, true);
        });
      } finally {
        await proxy.close();
      }
    } finally {
      await primary.remove();
    }
  }).timeout(60_000);

  /** A store that is reached through a proxy. */
  async function throughProxy(body: (proxy: TcpProxy, options: PostgresOptions) => Promise<void>): Promise<void> {
    const proxy = await tcpProxy(server().port);
    try {
      await body(proxy, optionsFor(server(), proxy.port));
    } finally {
      await proxy.close();
    }
  }
});

describePostgres("what a PostgreSQL store says of its server", (server) => {
  it("keeps the password and the address to itself", async () => {
    const told: StoreError[] = [];
    const reports = { away: (fault: StoreError) => void told.push(fault), back() {}, warn() {} };
    const options = { ...optionsFor(server()), password: "not the password", reports };
    const { postgresStore } = await import("../../stores/postgres.ts");
    const store = postgresStore(options);
    await assert.rejects(store.ready(), { code: "unreachable", message: /password authentication failed/ });
    await store.close();
    assert.doesNotMatch(inspect(told, { depth: 9 }), /not the password|postgres:\/\//);
  });
});

/** The one code with which all that writes is refused. */
async function refusals(store: Store): Promise<unknown> {
  const now = Date.now();
  const codes = await Promise.all([
    outcome(() => store.take("b", quota, 1, now)),
    outcome(() => store.claim("n", now + 60_000, now)),
    outcome(() => store.put("key", keyRecord("z"))),
  ]);
  assert.equal(new Set(codes).size, 1, String(codes));
  return codes[0];
}

async function timed<T>(action: () => Promise<T>): Promise<readonly [T, number]> {
  const startedAt = performance.now();
  return [await action(), performance.now() - startedAt];
}

/** Whether the standby has heard of so many keys; before, it has not even their table. */
async function arrived(standby: PostgresServer, schema: string, records: number): Promise<boolean> {
  const [table] = await standby.sql("SELECT to_regclass($1) IS NOT NULL AS made", [`${schema}.keys`]);
  if (table?.made !== true) return false;
  const [row] = await standby.sql(`SELECT count(*)::int AS count FROM ${schema}.keys`);
  return row?.count === records;
}

function reportsTo(told: string[]) {
  return {
    away: (fault: StoreError) => void told.push(`away: ${fault.code}`),
    back: () => void told.push("back"),
    warn: (message: string) => void told.push(message),
  };
}
