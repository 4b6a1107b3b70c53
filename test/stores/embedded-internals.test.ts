import assert from "node:assert/strict";
import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "../../lib/store.ts";
import { noteChange, watchChanges } from "../../stores/embedded/changes.ts";
import { claim, take } from "../../stores/embedded/counters.ts";
import { closeEnvironment, type Environment, openEnvironment, write } from "../../stores/embedded/environment.ts";
import { startSweep, sweeper } from "../../stores/embedded/sweep.ts";
import { faulty } from "./contract-kit.ts";
import { temporaryFolder } from "./temporary.ts";

const start = 1_700_000_000_000;

async function withEnvironment(body: (environment: Environment, folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  const environment = await openEnvironment({ folder, now: Date.now, expectedStoreId: undefined });
  try {
    await body(environment, folder);
  } finally {
    await closeEnvironment(environment);
  }
}

describe("the sweep of the embedded store", () => {
  const once = { capacity: 1, windowMs: 1_000 };
  const fill = async (environment: Environment) => {
    for (let index = 0; index < 600; index += 1) take(environment, `b${index}`, once, 1, start);
    const nonces = { live: 0 };
    const claims = Array.from({ length: 600 }, (_, index) =>
      claim(environment, nonces, `n${index}`, start + 1_000, start),
    );
    await Promise.all(claims);
    take(environment, "live", once, 1, start + 500);
    await claim(environment, nonces, "live", start + 1_500, start);
    return nonces;
  };

  it("forgets what has ended in bounded steps, and nothing else", () =>
    withEnvironment(async (environment) => {
      const nonces = await fill(environment);
      let time = start + 999;
      const sweep = sweeper(environment, nonces, () => time);
      assert.equal(nonces.live, 601);
      for (let step = 0; step < 4; step += 1) assert.equal(await sweep(), 0);
      time = start + 1_000;
      const steps: number[] = [];
      for (let step = 0; step < 4; step += 1) steps.push(await sweep());
      assert.ok(Math.max(...steps) <= 500, String(steps));
      assert.equal(
        steps.reduce((sum, step) => sum + step),
        1_200,
      );
      assert.equal(nonces.live, 1);
      assert.equal(take(environment, "live", once, 1, time).allowed, false);
      assert.equal(await claim(environment, nonces, "live", time + 1, time), false);
    }));

  it("stops when it is told to, also while it runs", async () => {
    let sweeps = 0;
    const stop = startSweep(async () => {
      sweeps += 1;
      return 1;
    });
    stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(sweeps, 0);
  });

  it("lets no more nonces in than the store may hold", () =>
    withEnvironment(async (environment) => {
      await assert.rejects(claim(environment, { live: 1_000_000 }, "n", start + 1, start), faulty("unreachable"));
    }));
});

describe("the change log of the embedded store", () => {
  it("says that anything may have changed when more did than it keeps", () =>
    withEnvironment(async (environment) => {
      const changes = watchChanges(environment);
      const heard: Change[] = [];
      changes.subscribe((change) => heard.push(change));
      await write(environment, () => {
        for (let index = 0; index < 10_001; index += 1) noteChange(environment, "key", `k${index}`);
      });
      changes.announce();
      assert.deepEqual(heard, [{ kind: "key" }, { kind: "user" }]);
      await write(environment, () => noteChange(environment, "user", "alice"));
      changes.announce();
      assert.deepEqual(heard.slice(2), [{ kind: "user", id: "alice" }]);
      changes.close();
      changes.announce();
      assert.equal(environment.changes.getKeysCount(), 10_000);
    }));
});

describe("a write of the embedded store", () => {
  it("leaves nothing behind when it fails half way", () =>
    withEnvironment(async (environment) => {
      const failing = write(environment, () => {
        environment.digests.putSync(Buffer.from("d"), "k1");
        throw new Error("the disk is full");
      });
      await assert.rejects(failing, faulty("unreachable"));
      assert.equal(environment.digests.get(Buffer.from("d")), undefined);
    }));
});

describe("the counters' file of the embedded store", () => {
  it("is begun anew when it is damaged, and removed when it is of an earlier start of the machine", async () => {
    const folder = temporaryFolder();
    const options = { folder, now: Date.now, expectedStoreId: undefined };
    const first = await openEnvironment(options);
    take(first, "b", { capacity: 1, windowMs: 1_000 }, 1, start);
    await closeEnvironment(first);
    const counters = readdirSync(folder).find((name) => /^counters.*\.mdb$/.test(name));
    assert.ok(counters);
    truncateSync(join(folder, counters), 5_000);
    const old = "counters-00000000-0000-0000-0000-000000000000.mdb";
    for (const name of [old, `${old}-lock`]) writeFileSync(join(folder, name), "");
    const second = await openEnvironment(options);
    assert.equal(take(second, "b", { capacity: 1, windowMs: 1_000 }, 1, start).allowed, true);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith(old)),
      process.platform === "linux" ? [] : [old, `${old}-lock`],
    );
    await closeEnvironment(second);
  });
});
