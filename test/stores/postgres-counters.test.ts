import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bucket, takeFrom } from "../../lib/gcra.ts";
import { clientConfig } from "../../stores/postgres/options.ts";
import { connectServer, type Server } from "../../stores/postgres/server.ts";
import { fromStoredJson, toStored, toStoredJson } from "../../stores/postgres/stored-text.ts";
import { sweepStatements } from "../../stores/postgres/sweep.ts";
import { describePostgres, optionsFor, withStores } from "./postgres-kit.ts";

const start = 1_700_000_000_000;
const minutes = 60_000;

describePostgres("counters and nonces in PostgreSQL", (server) => {
  it("count as the bucket in memory does, whatever comes", async () => {
    const takes = fc.array(
      fc.record({
        capacity: fc.integer({ min: 1, max: 5 }),
        windowMs: fc.constantFrom(1, 7, 1_000, 10_000_000),
        cost: fc.integer({ min: 0, max: 6 }),
        pass: fc.constantFrom(-20_000_000, -4_000_000, -500, -1, 0, 1, 3, 400, 5_000),
      }),
      { maxLength: 25 },
    );
    let runs = 0;
    const periods = fc.option(fc.constantFrom(start - 1_000, start + 300, start + 9_000_000), { nil: undefined });
    await withStores([optionsFor(server())], async (store) => {
      await fc.assert(
        fc.asyncProperty(takes, periods, async (sequence, until) => {
          runs += 1;
          let bucket: Bucket | undefined;
          let now = start;
          for (const { capacity, windowMs, cost, pass } of sequence) {
            now += pass;
            const quota = { capacity, windowMs, ...(until !== undefined && { until }) };
            const expected = takeFrom(bucket, quota, cost, now);
            bucket = expected.bucket ?? bucket;
            assert.deepEqual(await store!.take(`b${runs}`, quota, cost, now), expected.taken);
          }
        }),
        { numRuns: 60 },
      );
    });
  });

  it("are forgotten a while after they ended, and not before", async () => {
    const { schema, ...options } = optionsFor(server());
    const statements = sweepStatements(`"${schema}"`);
    await withStores([{ schema, ...options }], async (store) => {
      for (let n = 0; n < 4; n += 1) {
        await store!.claim(`n${n}`, start + n * minutes, start - 1);
        await store!.take(`b${n}`, { capacity: 1, windowMs: 1_000 }, 1, start + n * minutes);
      }
      await onServer({ schema, ...options }, async (direct) => {
        const ended = start + 2 * minutes;
        assert.deepEqual(await direct.query(statements.nonces, [ended]), [{ gone: 2, live: 4 }]);
        const [counters] = await direct.query<{ readonly gone: number }>(statements.counters, [Buffer.alloc(0), ended]);
        assert.equal(counters?.gone, 2);
        assert.deepEqual(await direct.query(statements.nonces, [ended]), [{ gone: 0, live: 2 }]);
      });
      assert.equal(await store!.claim("n3", start + 9 * minutes, start + 2 * minutes), false);
    });
  });

  it("leave ten thousand changes for those who were away, and who was away longer reads all anew", async () => {
    const { schema, ...options } = optionsFor(server());
    const { postgresRemote } = await import("../../stores/postgres.ts");
    const remote = postgresRemote({ schema, ...options });
    await remote.ready();
    assert.deepEqual(await remote.changesSince(0), { sequence: 0, changes: [] });
    await server().sql(`INSERT INTO ${schema}.keys (id, name) VALUES ('a', ''), ('b', '')`);
    const changes = [
      { kind: "key", id: "a" },
      { kind: "key", id: "b" },
    ];
    assert.deepEqual(await remote.changesSince(0), { sequence: 2, changes });
    assert.deepEqual(await remote.changesSince(1), { sequence: 2, changes: changes.slice(1) });
    assert.deepEqual(await remote.changesSince(2), { sequence: 2, changes: [] });
    assert.deepEqual(await remote.changesSince(3), { sequence: 2, changes: "too-many" });
    await server().sql(
      `DO $$ BEGIN FOR n IN 1..10005 LOOP INSERT INTO ${schema}.changes (kind, id) VALUES ('key', n); END LOOP; END $$`,
    );
    await onServer({ schema, ...options }, async (direct) => {
      await direct.query(sweepStatements(`"${schema}"`).changes, []);
    });
    assert.deepEqual(await server().sql(`SELECT count(*)::int AS kept FROM ${schema}.changes`), [{ kept: 10_000 }]);
    assert.equal((await remote.changesSince(2)).changes, "too-many");
    assert.equal((await remote.changesSince(10_000)).changes.length, 7);
    await remote.close();
  });

  async function onServer(options: ReturnType<typeof optionsFor>, body: (server: Server) => Promise<void>) {
    const nothing = () => undefined;
    const listening = { channel: "x", onNotice: nothing, onListening: nothing, onState: nothing };
    const direct = connectServer({ config: clientConfig(options), check: async () => undefined, ...listening });
    await body(direct);
    await direct.close();
  }
});

describe("text in PostgreSQL", () => {
  const text = fc.string({ unit: fc.constantFrom("\u0000", "\u0001", "\u0002", "a", "é", "\uffff", "😀", "\ud800") });

  it("comes back as it was, but for half surrogate pairs", () => {
    fc.assert(
      fc.property(text, text, (name, value) => {
        const stored = toStoredJson({ [name]: [value] });
        assert.doesNotMatch(stored, /\\u0000|\\ud800/);
        assert.deepEqual(fromStoredJson(stored), { [wellFormed(name)]: [wellFormed(value)] });
      }),
    );
  });

  it("keeps the order of its bytes", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const order = (first: string, second: string) => Buffer.compare(Buffer.from(first), Buffer.from(second));
        assert.equal(order(toStored(one), toStored(other)), order(one, other));
      }),
    );
  });
});

function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
