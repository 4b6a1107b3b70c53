import assert from "node:assert/strict";
import { fuzzedRequest } from "./fuzz-requests.ts";
import { seededRandom } from "./harness/random.ts";
import { countedBetween, judgeCounts } from "./vectors/abuse/context.ts";
import { outputOf } from "./vectors/abuse/expect.ts";
import { Unsupported } from "./vectors/abuse/placeholders.ts";
import { control } from "./vectors/abuse/seed.ts";
import { type Exchange, openConnection } from "./vectors/abuse/socket.ts";
import type { AbuseCase } from "./vectors/abuse/types.ts";
import { isSlow, wireOf } from "./vectors/abuse/wire.ts";
import { makeWorld, type Server, type World } from "./vectors/abuse/world.ts";
import { readCorpus } from "./vectors/corpus.ts";

const count = process.env.GATEHOUSE_FULL ? 10_000 : 1000;
const seed = Number(process.env.GATEHOUSE_SEED ?? 2024);

/** Long enough for a server that answers, short enough for one that waits for the rest of a request. */
const patienceMs = 700;
const answerLimitMs = 5000;

describe(`${count} random and mutated requests (GATEHOUSE_SEED=${seed})`, function () {
  this.timeout(1_200_000);
  let world: World;
  let server: Server;
  let corpus: readonly Buffer[] = [];

  before(async () => {
    const { index, files } = readCorpus();
    const cases = files.flatMap(({ kind, cases }) => (kind === "abuse" ? (cases as readonly AbuseCase[]) : []));
    world = await makeWorld(index, []);
    server = await world.server();
    corpus = await requestsOf(cases, world, server);
  });

  after(() => world.end());

  it("leave the process alive, are each answered once, and let nobody in without a valid credential", async () => {
    const random = seededRandom(seed);
    const before = await server.probe();
    const problems: string[] = [];
    let sent = 0;
    const worker = async () => {
      while (sent < count && problems.length < 10) {
        const n = sent++;
        const bytes = fuzzedRequest(corpus, random);
        const from = `127.${150 + (n >> 14)}.${(n >> 8) & 63}.${n & 255}`;
        problems.push(...(await judge(bytes, await send(server, bytes, from), server, credentials(world))));
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    assert.deepEqual(problems, []);
    assert.ok(server.nodeRed.alive());
    await settled(server);
    const counted = countedBetween(before, await server.probe());
    assert.deepEqual(judgeCounts(counted), []);
    const reached = [...counted.values()].reduce((sum, { seen }) => sum + seen, 0);
    const passed = [...counted.values()].reduce((sum, { out1 }) => sum + out1, 0);
    // Random bytes alone would prove nothing.
    assert.ok(reached > count / 5 && passed > 0, `${reached} reached a check, ${passed} passed`);
  });

  it("leave valid callers with what they had", async () => {
    const basic = Buffer.from(`${control.user}:${control.password}`).toString("base64");
    const answer = await fetch(`${server.nodeRed.url}/basic`, { headers: { authorization: `Basic ${basic}` } });
    assert.equal(answer.status, 200);
  });
});

async function requestsOf(cases: readonly AbuseCase[], world: World, server: Server): Promise<readonly Buffer[]> {
  const requests: Buffer[] = [];
  const scope = { values: world.values(server) };
  for (const { request, fixture } of cases) {
    if (!request || isSlow(request) || !/^F-(basic|token|ip)/.test(fixture)) continue;
    try {
      const { pieces } = await wireOf(request, scope);
      requests.push(Buffer.concat(pieces));
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
    }
  }
  return requests;
}

interface Sent extends Exchange {
  readonly tookMs: number;
}

/** A request that is no whole one gets its end: the server must close, not wait. */
async function send(server: Server, bytes: Buffer, from: string): Promise<Sent> {
  const startedAt = performance.now();
  const connection = await openConnection({ port: server.nodeRed.port, from });
  const wire = { pieces: [bytes], pauseMs: 0, methods: [methodOf(bytes)] };
  let exchange = await connection.exchange(wire, { responses: 1, waitMs: patienceMs, lingerMs: 20 });
  if (exchange.responses.length === 0 && exchange.closedAfterMs === undefined) {
    connection.finish();
    exchange = await connection.exchange({ ...wire, pieces: [] }, { responses: 1, waitMs: answerLimitMs });
  }
  connection.close();
  return { ...exchange, tookMs: performance.now() - startedAt };
}

function methodOf(bytes: Buffer): string {
  return /^[A-Z]+/.exec(bytes.toString("latin1"))?.[0] ?? "GET";
}

interface Credentials {
  readonly users: ReadonlySet<string>;
  readonly keys: readonly string[];
}

function credentials(world: World): Credentials {
  const { users } = readCorpus().index.fixtures["F-basic"] ?? {};
  const names = (users ?? []).map(({ name, password, passwordWords }) => {
    return `${name.replace(/ \(NFC\)$/, "")}:${password ?? (passwordWords ? "a".repeat(72) : "")}`.normalize("NFC");
  });
  return { users: new Set(names), keys: [...world.seed().texts.values()] };
}

async function judge(bytes: Buffer, sent: Sent, server: Server, valid: Credentials): Promise<readonly string[]> {
  const text = bytes.toString("latin1");
  const problems: string[] = [];
  const isAnswered = sent.responses.length > 0 || sent.closedAfterMs !== undefined || /upgrade|connect/i.test(text);
  if (!isAnswered) problems.push("no answer, and the connection is open");
  if (sent.responses.some((response) => outputOf(response) === 1) && !mayPass(text, valid)) problems.push("let in");
  if (!server.nodeRed.alive()) problems.push(`the process ended:\n${server.nodeRed.log().slice(-1000)}`);
  return problems.map((problem) => `${problem} after ${Math.round(sent.tookMs)} ms: ${JSON.stringify(text)}`);
}

/** Whether a whole and unchanged credential of the fixtures is in the request, or an address that may pass. */
function mayPass(text: string, { users, keys }: Credentials): boolean {
  if (keys.some((key) => text.includes(key))) return true;
  const given = [...text.matchAll(/basic +([A-Za-z0-9+/]+=*)/gi)].map(([, encoded = ""]) => {
    return Buffer.from(encoded, "base64").toString("utf8").normalize("NFC");
  });
  return given.some((pair) => users.has(pair) || keys.some((key) => pair.includes(key)));
}

/** Requests that were cut off may still be on their way through the flow. */
async function settled(server: Server): Promise<void> {
  const total = async () => JSON.stringify((await server.probe()).counters);
  let last = "";
  for (let now = await total(); now !== last; now = await total()) {
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
