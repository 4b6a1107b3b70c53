import assert from "node:assert/strict";
import { ConfigError } from "../../lib/errors.ts";
import { clientConfig, weaknesses } from "../../stores/postgres/options.ts";
import { postgresStore } from "../../stores/postgres.ts";
import { faulty } from "./contract-kit.ts";
import { describePostgres, optionsFor, outcome, until, withStores } from "./postgres-kit.ts";
import { keyRecord } from "./records.ts";

describePostgres("the schema of the PostgreSQL store", (server) => {
  it("is made once by as many as begin at the same time", async () => {
    const options = optionsFor(server());
    await withStores(Array(8).fill(options), async (store, other) => {
      await store!.put("key", keyRecord("a"));
      assert.deepEqual(await other!.get("key", "a"), keyRecord("a"));
      const rows = await server().sql(`SELECT version FROM ${options.schema}.migrations`);
      assert.deepEqual(rows, [{ version: 1 }]);
    });
  });

  it("may have a name that is a word of SQL", async () => {
    await withStores([{ ...optionsFor(server()), schema: "user" }], async (store) => {
      assert.equal(await store!.put("key", keyRecord("a")), true);
      assert.equal((await store!.take("b", { capacity: 1, windowMs: 1 }, 1, 1)).allowed, true);
      assert.equal(await store!.claim("n", 2, 1), true);
    });
  });

  it("is not begun anew under a running process, which goes on when its own is back", async () => {
    const { schema, ...options } = optionsFor(server());
    await withStores([{ schema, ...options }], async (store) => {
      await store!.put("key", keyRecord("a"));
      await store!.get("key", "a");
      await server().sql(`ALTER SCHEMA ${schema} RENAME TO ${schema}_away`);
      await until(async () => (await outcome(() => store!.get("key", "a"))) === "missing", 1_000);
      assert.equal(await outcome(() => store!.put("key", keyRecord("b"))), "missing");
      assert.deepEqual(await server().sql("SELECT FROM pg_namespace WHERE nspname = $1", [schema]), []);
      await server().sql(`ALTER SCHEMA ${schema}_away RENAME TO ${schema}`);
      await until(async () => (await outcome(() => store!.get("key", "a"))) !== "missing", 6_000);
      assert.deepEqual(await store!.get("key", "a"), keyRecord("a"));
    });
  });

  it("is not taken for another's in its place", async () => {
    const { schema, ...options } = optionsFor(server());
    await withStores([{ schema, ...options }], async (store) => {
      await store!.put("key", keyRecord("a"));
      await server().sql(`UPDATE ${schema}.store SET id = gen_random_uuid()`);
      await until(async () => (await outcome(() => store!.get("key", "a"))) === "missing", 2_000);
    });
    const expectedStoreId = "00000000-0000-4000-8000-000000000000";
    for (const at of [schema, `${schema}_new`]) {
      await assert.rejects(opened({ ...options, schema: at, expectedStoreId }), faulty("missing"));
    }
    assert.deepEqual(await server().sql("SELECT FROM pg_namespace WHERE nspname = $1", [`${schema}_new`]), []);
  });

  it("is refused when it is of an unknown version, incomplete, or without its triggers, and left as it was", async () => {
    const damages = [
      ["INSERT INTO SCHEMA.migrations (version) VALUES (2)", "unknown-version"],
      ["DELETE FROM SCHEMA.migrations", "missing"],
      ["DELETE FROM SCHEMA.store", "missing"],
      ["DROP TABLE SCHEMA.migrations", "missing"],
      ["DROP TABLE SCHEMA.key_secrets", "missing"],
      ["ALTER TABLE SCHEMA.keys DISABLE TRIGGER note_update", "damaged"],
    ] as const;
    for (const [damage, code] of damages) {
      const { schema, ...options } = optionsFor(server());
      await withStores([{ schema, ...options }], async (store) => void (await store!.put("key", keyRecord("a"))));
      await server().sql(damage.replace("SCHEMA", schema));
      await assert.rejects(opened({ ...options, schema }), faulty(code), damage);
      assert.deepEqual(await server().sql(`SELECT id FROM ${schema}.keys`), [{ id: "a" }]);
    }
  });

  it("needs no more rights, once it is there, than to read and write its rows", async () => {
    const { schema, ...options } = optionsFor(server());
    await withStores([{ schema, ...options }], async (owner) => void (await owner!.put("key", keyRecord("a"))));
    await server().sql(
      `CREATE ROLE clerk LOGIN PASSWORD 'clerk'; CREATE ROLE reader LOGIN PASSWORD 'reader';
       GRANT USAGE ON SCHEMA ${schema} TO clerk, reader; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO clerk, reader;
       GRANT INSERT, UPDATE, DELETE ON ${schema}.keys, ${schema}.key_secrets, ${schema}.users, ${schema}.counters,
         ${schema}.nonces TO clerk`,
    );
    const as = (user: string) => ({ ...options, schema, username: user, password: user });
    await withStores([as("clerk"), as("reader")], async (clerk, reader) => {
      assert.equal(await clerk!.put("key", keyRecord("a", { version: 2 })), true);
      assert.equal(await clerk!.put("key", keyRecord("b")), true);
      assert.equal(await clerk!.claim("n", 2, 1), true);
      assert.equal((await clerk!.take("b", { capacity: 1, windowMs: 1 }, 1, 1)).allowed, true);
      assert.equal((await reader!.get("key", "a"))?.version, 2);
      assert.equal(await outcome(() => reader!.put("key", keyRecord("c"))), "read-only");
    });
    await assert.rejects(opened({ ...as("reader"), schema: "elsewhere" }), faulty("unreachable"));
  });

  it("is told apart from others in the same database", async () => {
    await withStores([optionsFor(server()), optionsFor(server())], async (store, other) => {
      const changes: unknown[] = [];
      other!.onChange((change) => changes.push(change));
      await store!.put("key", keyRecord("a"));
      assert.equal(await other!.get("key", "a"), undefined);
      assert.deepEqual(changes, []);
    });
  });

  async function opened(options: Parameters<typeof postgresStore>[0]): Promise<void> {
    const store = postgresStore(options);
    try {
      await store.ready();
    } finally {
      await store.close();
    }
  }
});

describe("the settings of the PostgreSQL store", () => {
  const now = Date.now;

  it("are refused where they cannot work, without repeating them", () => {
    const wrong = [
      { url: "secret" },
      { url: "mysql://secret" },
      { url: "postgres://secret/db?options=x" },
      { url: "postgres://secret/db?sslmode=allow" },
      { url: "postgres://secret/db#x" },
      { url: "postgres://secret%/db" },
      ...["", "Secret", "pg_secret", "1secret", 'secret"', "secret;", "s".repeat(41)].map((schema) => ({
        url: "postgres://h/db",
        schema,
      })),
    ];
    for (const options of wrong) {
      assert.throws(
        () => postgresStore({ ...options, now }),
        (error) => error instanceof ConfigError && !/secret/i.test(error.message),
        JSON.stringify(options),
      );
    }
  });

  it("are taken from the address, and instead of it from their own fields", () => {
    const { host, port, database, user, password, ssl } = clientConfig({ url: "postgresql://u:p%40@[::1]/d%20b", now });
    assert.deepEqual([host, port, database, user, password, ssl], ["::1", 5_432, "d b", "u", "p@", false]);
    const own = clientConfig({ url: "postgres://u:p@h:1/d?sslmode=require", username: "v", password: "q", now });
    assert.deepEqual([own.user, own.password, own.ssl], ["v", "q", { minVersion: "TLSv1.2" }]);
    assert.equal(clientConfig({ url: "postgres:///d?host=/run/postgresql", now }).host, "/run/postgresql");
    assert.deepEqual(clientConfig({ url: "postgres://h/d", tls: { ca: ["a"], servername: "n" }, now }).ssl, {
      minVersion: "TLSv1.2",
      ca: ["a"],
      servername: "n",
    });
  });

  it("are warned of where others could read along", () => {
    const warned = (url: string, tls?: { rejectUnauthorized: boolean }) =>
      weaknesses(clientConfig({ url, now, ...(tls && { tls }) })).length;
    assert.equal(warned("postgres://203.0.113.9/d"), 1);
    assert.equal(warned("postgres://127.0.0.1.example/d"), 1);
    assert.equal(warned("postgres://db/d?sslmode=verify-full"), 0);
    assert.equal(warned("postgres://db/d", { rejectUnauthorized: false }), 1);
    for (const near of ["127.0.0.1", "localhost", "[::1]"]) assert.equal(warned(`postgres://${near}/d`), 0);
    assert.equal(warned("postgres:///d?host=/run/postgresql"), 0);
  });
});
