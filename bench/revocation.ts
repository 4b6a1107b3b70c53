import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createKey } from "../lib/lifecycle/keys.ts";
import { built } from "./built.ts";
import { atMost, beside, type Measurement } from "./row.ts";
import { median, quantile } from "./statistics.ts";

/** When a process that reads all the time first sees a key revoked that another process revokes. */
export const revocation: Measurement = async ({ quick }) => {
  const { openStore } = await built<typeof import("../stores/open.ts")>("stores/open");
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-bench-"));
  const store = openStore({ backend: "embedded", folder, now: Date.now });
  await store.ready();
  const reader = fork(fileURLToPath(new URL("./revocation-reader.mjs", import.meta.url)), [folder]);
  await once(reader, "message");
  const sinceAnswer: number[] = [];
  const sinceCall: number[] = [];
  for (let i = 0; i < (quick ? 50 : 300); i++) {
    const { record } = createKey({ name: `key ${i}` }, "gh", { now: Date.now(), actor: "bench" });
    await store.put("key", record);
    reader.send(record.id);
    await once(reader, "message");
    await delay(2);
    const called = process.hrtime.bigint();
    const seen = once(reader, "message");
    await store.put("key", { ...record, revokedAt: Date.now(), version: 2 });
    const answered = process.hrtime.bigint();
    const at = BigInt(((await seen) as [string])[0]);
    sinceAnswer.push(Math.max(0, Number(at - answered) / 1e6));
    sinceCall.push(Number(at - called) / 1e6);
  }
  reader.kill();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  return [
    atMost(
      "revocation seen by another process, median",
      median(sinceAnswer),
      1,
      milli,
      "from the answer to the writer",
    ),
    atMost("revocation seen by another process, p99", quantile(sinceAnswer, 0.99), 10, milli),
    beside(
      "the same from the call, with the write to disk",
      `${milli(median(sinceCall))}; ${milli(quantile(sinceCall, 0.99))}`,
    ),
  ];
};

function milli(value: number): string {
  return `${value.toFixed(2)} ms`;
}
