import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { embeddedStore } from "../../stores/embedded.ts";
import { digestOf, keyRecord } from "./records.ts";
import { temporaryFolder } from "./temporary.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = join(root, ".tmp", `keep-writing-${process.pid}.mjs`);
const rounds = 100;
/** Writers at the same time, so that some wait for the lock that a killed one held. */
const lanes = 4;

/** Plain JavaScript starts ten times as fast as what a loader translates at each start. */
async function buildProgram(): Promise<void> {
  mkdirSync(join(root, ".tmp"), { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL("children/keep-writing.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["lmdb"],
    outfile: program,
  });
}

function start(folder: string, prefix: string): ChildProcess {
  return spawn(process.execPath, [pathToFileURL(program).pathname, folder, prefix], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Kills the writer some time after its first acknowledged key; resolves with all that it had acknowledged. */
async function writeUntilKilled(folder: string, prefix: string, afterMs: number): Promise<readonly string[]> {
  const child = start(folder, prefix);
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  await once(child.stdout!, "data");
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill("SIGKILL");
  const [, signal] = await once(child, "close");
  assert.equal(signal, "SIGKILL");
  return output.split("\n").slice(0, -1);
}

/** Every acknowledged key is there and is found by its digest; of one that was not, all is there or nothing. */
async function assertWhole(folder: string, prefix: string, acknowledged: readonly string[]): Promise<void> {
  const store = embeddedStore({ folder, now: Date.now });
  for (const id of acknowledged) {
    const key = await store.get("key", id);
    assert.deepEqual(key, key?.version === 2 ? keyRecord(id, { version: 2, disabled: true }) : keyRecord(id));
    assert.equal((await store.findKeyByDigest(digestOf(id)))?.id, id);
  }
  for (let number = 1; number <= acknowledged.length + 8; number += 1) {
    const id = `${prefix}-${number}`;
    const found = await store.get("key", id);
    assert.equal((await store.findKeyByDigest(digestOf(id)))?.id, found?.id);
    // Refused if the digest had been left behind without its key.
    const { secrets } = keyRecord(id);
    if (found === undefined) assert.equal(await store.put("key", keyRecord(`${id}-again`, { secrets })), true);
  }
  assert.equal((await store.take("b", { capacity: 1_000_000, windowMs: 1_000 }, 1, Date.now())).allowed, true);
  await store.close();
}

/** Starts and kills one writer after the other; resolves with all that was acknowledged. */
async function killRepeatedly(folder: string, lane: number, times: number): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (let round = 0; round < times; round += 1) {
    const prefix = `lane${lane}-round${round}`;
    const ids = await writeUntilKilled(folder, prefix, Math.random() * 60);
    assert.ok(ids.length > 0);
    await assertWhole(folder, prefix, ids);
    acknowledged.push(...ids);
  }
  return acknowledged;
}

describe("the embedded store, killed", () => {
  before(buildProgram);
  after(() => rmSync(program, { force: true }));

  it(`loses no acknowledged key and keeps none by half in ${rounds} kills while it writes`, async function () {
    this.timeout(180_000);
    const folder = temporaryFolder();
    const killed = Array.from({ length: lanes }, (_, lane) => killRepeatedly(folder, lane, rounds / lanes));
    const acknowledged = (await Promise.all(killed)).flat();
    const store = embeddedStore({ folder, now: Date.now });
    for (const id of acknowledged) assert.equal((await store.get("key", id))?.id, id);
    await store.close();
    console.log(`      ${acknowledged.length} keys were acknowledged in ${rounds} rounds, and are all there.`);
  });

  it("opens, however far the first start had come", async function () {
    this.timeout(60_000);
    for (let delayMs = 30; delayMs <= 120; delayMs += 10) {
      const folder = temporaryFolder();
      const child = start(folder, "first");
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      child.kill("SIGKILL");
      await once(child, "close");
      const store = embeddedStore({ folder, now: Date.now });
      assert.equal(await store.put("key", keyRecord("mine")), true, `killed after ${delayMs} ms`);
      await store.close();
    }
  });
});
