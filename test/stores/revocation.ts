import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Store } from "../../lib/store.ts";
import { keyRecord } from "./records.ts";

const program = fileURLToPath(new URL("children/read-all-the-time.ts", import.meta.url));
const revocations = 200;

/** Longest that a revoked key may live in another process. */
const seenWithinMs = 1_000;

/**
 * Revokes 200 keys, one after the other, while another process uses all of them all the time. None may be let in there
 * a second after its revocation was answered here. Prints how long it took.
 */
export async function provesRevocation(store: Store, options: object): Promise<void> {
  const ids = Array.from({ length: revocations }, (_, index) => `k${index}`);
  await Promise.all(ids.map((id) => store.put("key", keyRecord(id))));
  const child = fork(program, [JSON.stringify({ options, ids })], { execArgv: ["--import", "tsx"] });
  await once(child, "message");
  const answeredAt = new Map<string, bigint>();
  for (const id of ids) {
    assert.equal(await store.put("key", keyRecord(id, { version: 2, revokedAt: 1 })), true);
    answeredAt.set(id, process.hrtime.bigint());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await new Promise((resolve) => setTimeout(resolve, seenWithinMs));
  child.send("report");
  const [{ times, reads }] = (await once(child, "message")) as [{ times: Record<string, string>; reads: number }];
  assert.ok(reads > 10 * revocations, `only ${reads} uses`);
  const took = ids.map((id) => Number(BigInt(times[id] ?? 0) - answeredAt.get(id)!) / 1e6).sort((a, b) => a - b);
  assert.equal(Object.keys(times).length, revocations);
  assert.ok(took.at(-1)! < seenWithinMs, `${took.at(-1)} ms`);
  const at = (part: number) => took[Math.ceil(part * took.length) - 1]!;
  assert.ok(at(0.5) < 100, "most are told, not found out by asking");
  const [median, p99] = [at(0.5).toFixed(1), at(0.99).toFixed(1)];
  console.info(`      seen by another process after its answer: median ${median} ms, p99 ${p99} ms`);
}
