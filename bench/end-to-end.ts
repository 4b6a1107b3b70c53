import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hashSync } from "@node-rs/bcrypt";
import { formatBasic } from "../lib/http/authorization.ts";
import { generateApiKey } from "../lib/secrets/api-key.ts";
import { type NodeRed, startNodeRed } from "../test/harness/node-red.ts";
import { seedStore } from "../test/support/seed.ts";
import { addPassNode, benchFlows, benchUser } from "./flows.ts";
import type { Load, Loaded } from "./load.ts";
import { type LoadProcess, pin, startLoad } from "./load-process.ts";
import { atLeast, atMost, beside, type Measurement, type Row, ratio } from "./row.ts";
import { median } from "./statistics.ts";

const CONNECTIONS = 8;

/** As `node-red admin hash-pw` makes them. */
const NODE_RED_BCRYPT_COST = 8;

const valid = formatBasic(benchUser.name, benchUser.password);
const callerAddress = { "x-forwarded-for": "192.0.2.1" };
/** Each from an address of its own, or the attackers would soon have to wait, and no hash be computed. */
const wrong = Array.from({ length: 5000 }, (_, i) => ({
  authorization: formatBasic(benchUser.name, `wrong ${i}`),
  "x-forwarded-for": `10.0.${i >> 8}.${i & 255}`,
}));

/** Node-RED and the load in processes of their own, over the loopback network. */
export const endToEnd: Measurement = async ({ quick }) => {
  const userDir = mkdtempSync(join(tmpdir(), "gatehouse-bench-"));
  const folder = join(userDir, "store");
  addPassNode(userDir);
  const texts = await seedStore(folder, { keys: [{ name: "one" }], users: [benchUser] });
  const key = texts.get("one") ?? "";
  const env = { BENCH_TOKEN: key, BENCH_USER: benchUser.name, BENCH_PASSWORD: benchUser.password };
  const start = { flows: benchFlows(folder), userDir, env };
  const load = startLoad();
  try {
    const guarded = await startNodeRed(start);
    const pinned = pin(guarded.pid, "server");
    const seconds = quick ? 1 : 3;
    const rates = await serving(load, guarded, key, quick ? { seconds: 1, rounds: 1 } : { seconds: 1.5, rounds: 5 });
    const attack = await underAttack(load, `${guarded.url}/proxied`, { seconds, pairs: quick ? 1 : 3 });
    await guarded.stop();
    const httpNodeAuth = { user: benchUser.name, pass: hashSync(benchUser.password, { cost: NODE_RED_BCRYPT_COST }) };
    const core = await startNodeRed({ ...start, settings: { httpNodeAuth } });
    pin(core.pid, "server");
    const coreRate = await rateOf(load, { url: `${core.url}/plain`, headers: { authorization: valid } }, seconds, 200);
    const coreAttack = await underAttack(load, `${core.url}/plain`, { seconds, pairs: 1 });
    await core.stop();
    const where = `${CONNECTIONS} connections${pinned ? ", load and server pinned to different cores" : ", not pinned"}`;
    return [...servingRows(rates, coreRate, where), ...attackRows(attack, coreAttack)];
  } finally {
    load.stop();
    rmSync(userDir, { recursive: true, force: true });
  }
};

interface Rates {
  readonly unguarded: number;
  /** Parts of the unguarded flow's rate, of runs that followed each other. */
  readonly token: number;
  readonly basic: number;
  readonly handWritten: number;
  readonly refused: number;
  /** Refusals a second, and those of a server that does nothing else. */
  readonly refusals: number;
  readonly floor: number;
}

async function serving(
  load: LoadProcess,
  { url }: NodeRed,
  key: string,
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<Rates> {
  const token = { "x-auth-token": key };
  const unknown = { "x-auth-token": generateApiKey({ prefix: "gh", environment: "production" }).text };
  const loads = [
    { url: `${url}/plain`, headers: token },
    { url: `${url}/token`, headers: token },
    { url: `${url}/basic`, headers: { authorization: valid } },
    { url: `${url}/fn-token`, headers: token },
    { url: `${url}/token`, headers: unknown },
  ];
  const taken: number[][] = [];
  for (let round = -1; round < rounds; round++) {
    const rates: number[] = [];
    for (const of of loads)
      rates.push(await rateOf(load, of, seconds, ...(of.headers === unknown ? [401, 429] : [200])));
    if (round >= 0) taken.push(rates);
  }
  const part = (i: number) => median(taken.map((rates) => (rates[i] as number) / (rates[0] as number)));
  const rate = (i: number) => median(taken.map((rates) => rates[i] as number));
  const floor = await floorRate(load, seconds);
  return {
    unguarded: rate(0),
    token: part(1),
    basic: part(2),
    handWritten: part(3),
    refused: part(4),
    refusals: rate(4),
    floor,
  };
}

async function floorRate(load: LoadProcess, seconds: number): Promise<number> {
  const server = fork(fileURLToPath(new URL("./refusing-server.mjs", import.meta.url)));
  const [url] = (await once(server, "message")) as [string];
  pin(server.pid, "server");
  try {
    return await rateOf(load, { url }, seconds, 401);
  } finally {
    server.kill();
  }
}

async function rateOf(
  load: LoadProcess,
  of: Omit<Load, "connections">,
  seconds: number,
  ...statuses: readonly number[]
): Promise<number> {
  const [result] = await load.run(seconds, { ...of, connections: CONNECTIONS });
  return answered(result as Loaded, ...statuses).rate;
}

/** Refuses a run in which something else was measured. */
function answered(result: Loaded, ...statuses: readonly number[]): Loaded {
  const others = Object.keys(result.statuses).filter((status) => !statuses.includes(Number(status)));
  if (others.length > 0) throw new Error(`wanted ${statuses} only, got ${JSON.stringify(result.statuses)}`);
  return result;
}

interface Attack {
  /** Part of the throughput that is kept. */
  readonly kept: number;
  /** How many times as long the 99th percentile is. */
  readonly slower: number;
  /** Milliseconds, alone and under attack. */
  readonly p99: readonly [number, number];
  /** Wrong passwords answered a second. */
  readonly wrongRate: number;
  readonly statuses: string;
}

/** A caller with the right password, alone and beside as many connections with wrong ones, in turn. */
async function underAttack(
  load: LoadProcess,
  url: string,
  { seconds, pairs }: { readonly seconds: number; readonly pairs: number },
): Promise<Attack> {
  const caller: Load = { url, connections: CONNECTIONS, headers: { authorization: valid, ...callerAddress } };
  const attacker: Load = { url, connections: CONNECTIONS, inTurn: wrong };
  const runs: { alone: Loaded; beside: Loaded; wrong: Loaded }[] = [];
  await load.run(2, caller);
  for (let i = 0; i < pairs; i++) {
    const [alone] = (await load.run(seconds, caller)) as [Loaded];
    const [together, attacking] = (await load.run(seconds, caller, attacker)) as [Loaded, Loaded];
    runs.push({ alone: answered(alone, 200), beside: answered(together, 200), wrong: attacking });
  }
  return {
    kept: median(runs.map((run) => run.beside.rate / run.alone.rate)),
    slower: median(runs.map((run) => run.beside.p99 / run.alone.p99)),
    p99: [median(runs.map((run) => run.alone.p99)), median(runs.map((run) => run.beside.p99))],
    wrongRate: median(runs.map((run) => run.wrong.rate)),
    statuses: JSON.stringify(runs.at(-1)?.wrong.statuses),
  };
}

function servingRows(rates: Rates, coreRate: number, where: string): readonly Row[] {
  const perSecond = (rate: number) => `${Math.round(rate)}/s`;
  return [
    beside("end to end, unguarded flow", perSecond(rates.unguarded), where),
    beside("end to end, token check ÷ unguarded", ratio(rates.token)),
    beside("end to end, Basic check ÷ unguarded", ratio(rates.basic)),
    beside("end to end, hand-written function node ÷ unguarded", ratio(rates.handWritten)),
    beside(
      "end to end, core httpNodeAuth ÷ unguarded",
      ratio(coreRate / rates.unguarded),
      "in another process, after the others; one user for all flows",
    ),
    beside("end to end, refusals in the flow ÷ unguarded", ratio(rates.refused), perSecond(rates.refusals)),
    beside(
      "end to end, refusals in the flow ÷ plain node:http",
      `${ratio(rates.refusals / rates.floor)} (${perSecond(rates.floor)})`,
      "the goals of ≥ 0.8 and ≥ 6 are for refusals at the door, which come with route-guard",
    ),
  ];
}

function attackRows(attack: Attack, core: Attack): readonly Row[] {
  const latencies = ({ p99: [alone, together] }: Attack) =>
    `p99 ${alone.toFixed(1)} ms alone, ${together.toFixed(1)} ms`;
  const answers = ({ wrongRate, statuses }: Attack) => `${wrongRate.toFixed(0)} wrong passwords/s, answers ${statuses}`;
  return [
    atLeast("throughput kept beside wrong passwords, argon2id", attack.kept, 0.35, ratio, answers(attack)),
    atMost("p99 beside wrong passwords ÷ alone", attack.slower, 4, ratio, latencies(attack)),
    beside("the same with core httpNodeAuth: throughput kept", ratio(core.kept), answers(core)),
    beside("the same with core httpNodeAuth: p99 ÷ alone", ratio(core.slower), latencies(core)),
  ];
}
