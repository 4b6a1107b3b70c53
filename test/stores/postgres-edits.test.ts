import assert from "node:assert/strict";
import type { Change } from "../../lib/store.ts";
import { describePostgres, optionsFor, until, withRemote, withStores } from "./postgres-kit.ts";
import { digestOf, keyRecord, userRecord } from "./records.ts";

const revokedAt = "2024-01-02T03:04:05.678Z";

describePostgres("edits of the tables by SQL", (server) => {
  it("takes a key of which a person gave id, name and digest only", async () => {
    const options = optionsFor(server());
    await withRemote(options, async (store) => {
      const startedAt = Date.now();
      await server().sql(
        `WITH k AS (INSERT INTO ${options.schema}.keys (id, name) VALUES ('byhand000001', 'By hand') RETURNING id)
         INSERT INTO ${options.schema}.key_secrets (key_id, digest) SELECT id, $1 FROM k`,
        [digestOf("a token")],
      );
      const found = await store.findKeyByDigest(digestOf("a token"));
      assert.ok(found !== undefined && found.createdAt >= startedAt - 1_000 && found.createdAt <= Date.now() + 1_000);
      const { createdAt, updatedAt } = found;
      assert.deepEqual(found, {
        id: "byhand000001",
        name: "By hand",
        description: "",
        kind: "server",
        environment: "production",
        scopes: [],
        addresses: [],
        disabled: false,
        createdAt,
        createdBy: "postgres",
        updatedAt,
        updatedBy: "postgres",
        metadata: {},
        version: 1,
        secrets: [{ digest: digestOf("a token"), lastFour: "", createdAt: found.secrets[0]!.createdAt }],
      });
      assert.equal(await store.put("key", { ...found, name: "Renamed", version: 2 }), true);
    });
  });

  it("notices at once that a person revoked a key", async () => {
    const options = optionsFor(server());
    await withStores([options, options], async (store, other) => {
      const latencies: number[] = [];
      for (let round = 0; round < 20; round += 1) {
        const id = `k${round}`;
        await store!.put("key", keyRecord(id));
        for (const each of [store!, other!]) assert.equal((await each.get("key", id))?.revokedAt, undefined);
        await server().sql(`UPDATE ${options.schema}.keys SET revoked_at = '${revokedAt}' WHERE id = '${id}'`);
        latencies.push(await until(() => revoked(store!, id), 1_000), await until(() => revoked(other!, id), 1_000));
      }
      const sorted = latencies.toSorted((one, two) => one - two);
      console.log(
        `        noticed after ${sorted[20]?.toFixed(1)} ms (median), ${sorted[39]?.toFixed(1)} ms (longest)`,
      );
    });
  });

  it("notices within a second what was not announced", async () => {
    const options = optionsFor(server());
    await withStores([options], async (store) => {
      await store!.put("key", keyRecord("a"));
      await store!.get("key", "a");
      await server().sql(
        `DO $$ BEGIN
           PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN "${options.schema}%';
           UPDATE ${options.schema}.keys SET revoked_at = '${revokedAt}';
         END $$`,
      );
      await until(() => revoked(store!, "a"), 1_000);
      // Even when the notice itself is silenced, as by somebody's own trigger function.
      await server().sql(`ALTER FUNCTION ${options.schema}.number_change() RENAME TO number_change_loudly`);
      await server().sql(
        `CREATE FUNCTION ${options.schema}.number_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           UPDATE ${options.schema}.changes SET sequence = nextval('${options.schema}.change_numbers')
           WHERE entry = NEW.entry; RETURN NULL; END $$;
         CREATE OR REPLACE TRIGGER numbered AFTER INSERT ON ${options.schema}.changes
           FOR EACH ROW EXECUTE FUNCTION ${options.schema}.number_change();
         ALTER TABLE ${options.schema}.changes DISABLE TRIGGER number_change`,
      );
      await store!.put("key", keyRecord("b"));
      await store!.get("key", "b");
      await server().sql(`UPDATE ${options.schema}.keys SET revoked_at = '${revokedAt}' WHERE id = 'b'`);
      await until(() => revoked(store!, "b"), 1_000);
    });
  });

  it("raises the version of what a person changes, and refuses a writer who has not seen it", async () => {
    const options = optionsFor(server());
    await withRemote(options, async (store) => {
      await store.put("key", keyRecord("a"));
      await server().sql(`UPDATE ${options.schema}.keys SET name = 'New' WHERE id = 'a'`);
      assert.equal(await store.put("key", keyRecord("a", { version: 2 })), false);
      const found = await store.get("key", "a");
      assert.deepEqual([found?.name, found?.version, found?.updatedBy], ["New", 2, "postgres"]);
      assert.ok(found!.updatedAt > keyRecord("a").updatedAt);
      await server().sql(`UPDATE ${options.schema}.key_secrets SET expires_at = now() WHERE key_id = 'a'`);
      assert.equal((await store.get("key", "a"))?.version, 3);
      await server().sql(`UPDATE ${options.schema}.keys SET version = 1 WHERE id = 'a'`);
      assert.equal((await store.get("key", "a"))?.version, 4);
    });
  });

  it("lets nobody clear or delay a revocation", async () => {
    const { schema, ...options } = optionsFor(server());
    await withRemote({ schema, ...options }, async (store) => {
      await store.put("key", keyRecord("a", { revokedAt: Date.parse(revokedAt) }));
      await store.put("user", userRecord("a", { revokedAt: Date.parse(revokedAt) }));
      for (const value of ["NULL", "now()", "'infinity'"]) {
        for (const table of ["keys", "users"]) {
          await assert.rejects(server().sql(`UPDATE ${schema}.${table} SET revoked_at = ${value}`), /stays revoked/);
        }
      }
      await server().sql(`UPDATE ${schema}.keys SET revoked_at = '2020-01-01Z'`);
      assert.equal((await store.get("key", "a"))?.revokedAt, Date.parse("2020-01-01Z"));
      assert.equal((await store.get("user", "a"))?.revokedAt, Date.parse(revokedAt));
    });
  });

  it("tells of each record that was changed, and of many at once in one word", async () => {
    const { schema, ...options } = optionsFor(server());
    await withStores([{ schema, ...options }], async (store) => {
      const changes: Change[] = [];
      store!.onChange((change) => changes.push(change));
      const told = async (sql: string, expected: readonly Change[]) => {
        changes.length = 0;
        await server().sql(sql.replaceAll("SCHEMA", schema));
        await until(() => changes.length >= expected.length, 1_000);
        assert.deepEqual(changes, expected);
      };
      await told("INSERT INTO SCHEMA.users (id, name, password_hash) VALUES ('u', 'u', 'x')", [
        { kind: "user", id: "u" },
      ]);
      await told("INSERT INTO SCHEMA.keys (id, name) SELECT 'k' || n, '' FROM generate_series(1, 2) AS n", [
        { kind: "key", id: "k1" },
        { kind: "key", id: "k2" },
      ]);
      await told("UPDATE SCHEMA.keys SET id = 'k3' WHERE id = 'k1'", [
        { kind: "key", id: "k1" },
        { kind: "key", id: "k3" },
      ]);
      const digest = digestOf("x");
      await told(`INSERT INTO SCHEMA.key_secrets (key_id, digest) VALUES ('k2', '${digest}')`, [
        { kind: "key", id: "k2" },
      ]);
      await told("DELETE FROM SCHEMA.key_secrets", [{ kind: "key", id: "k2" }]);
      await told("BEGIN; UPDATE SCHEMA.keys SET name = 'x'; ROLLBACK; DELETE FROM SCHEMA.keys WHERE id = 'k2'", [
        { kind: "key", id: "k2" },
      ]);
      await told("INSERT INTO SCHEMA.keys (id, name) SELECT 'm' || n, '' FROM generate_series(1, 500) AS n", [
        { kind: "key" },
      ]);
      await told("TRUNCATE SCHEMA.users", [{ kind: "user" }]);
    });
  });

  it("lets in nobody by a row that is no record, and everybody else", async () => {
    const { schema, ...options } = optionsFor(server());
    await withRemote({ schema, ...options }, async (store) => {
      await store.put("key", keyRecord("sound"));
      const wrong = [
        "INSERT INTO SCHEMA.keys (id, name) VALUES ('', 'x')",
        "INSERT INTO SCHEMA.keys (id, name, environment) VALUES ('x', 'x', 'prod')",
        "INSERT INTO SCHEMA.keys (id, name, scopes) VALUES ('x', 'x', '{a,NULL}')",
        "INSERT INTO SCHEMA.keys (id, name, limit_requests) VALUES ('x', 'x', 5)",
        `INSERT INTO SCHEMA.keys (id, name, metadata) VALUES ('x', 'x', '{"a": 1}')`,
        `INSERT INTO SCHEMA.keys (id, name, metadata) VALUES ('x', 'x', '{"a": ["b"]}')`,
        "INSERT INTO SCHEMA.key_secrets (key_id, digest) VALUES ('sound', 'gh_live_abc')",
        `INSERT INTO SCHEMA.key_secrets (key_id, digest) VALUES ('sound', '${digestOf("second")}')`,
        `INSERT INTO SCHEMA.key_secrets (key_id, digest, position) VALUES ('sound', '${digestOf("third")}', 2)`,
      ];
      for (const sql of wrong) await assert.rejects(server().sql(sql.replaceAll("SCHEMA", schema)), /violates/, sql);
      await server().sql(`INSERT INTO ${schema}.keys (id, name, created_at) VALUES ('odd', 'x', 'infinity')`);
      await assert.rejects(async () => store.get("key", "odd"), { code: "damaged" });
      assert.deepEqual((await store.list("key", { limit: 1 })).items, [keyRecord("sound")]);
    });
  });

  it("reads a time that never comes as none, and one before 1970 as long past", async () => {
    const { schema, ...options } = optionsFor(server());
    await withRemote({ schema, ...options }, async (store) => {
      await server().sql(
        `INSERT INTO ${schema}.keys (id, name, expires_at) VALUES ('never', '', 'infinity'), ('past', '', '1960-01-01')`,
      );
      assert.equal((await store.get("key", "never"))?.expiresAt, undefined);
      assert.equal((await store.get("key", "past"))?.expiresAt, 0);
    });
  });
});

async function revoked(store: { get(kind: "key", id: string): unknown }, id: string): Promise<boolean> {
  return ((await store.get("key", id)) as { readonly revokedAt?: number }).revokedAt === Date.parse(revokedAt);
}
