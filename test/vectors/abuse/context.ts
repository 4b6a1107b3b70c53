import { outputOf } from "./expect.ts";
import type { Scope } from "./placeholders.ts";
import { control } from "./seed.ts";
import { type Connection, type Exchange, openConnection, type Patience } from "./socket.ts";
import type { AbuseCase, CaseRequest, Expected } from "./types.ts";
import { wireOf } from "./wire.ts";
import type { Counted, ProbeReport, Server, World } from "./world.ts";

/** All that a runner needs to know of the case at hand. */
export interface CaseContext {
  readonly one: AbuseCase;
  readonly world: World;
  readonly server: Server;
  readonly scope: Scope;
  /** Tells this case's callers from those of all others, so that no case inherits another's failures. */
  readonly ordinal: number;
}

/** The global limit for a complete answer. */
const answerLimitMs = 5000;

/** Sends a request as the case describes it, over a new connection or the given one. */
export async function sendRequest(
  context: CaseContext,
  request: CaseRequest,
  expected: Expected,
  scope: Scope = context.scope,
  connection?: Connection,
): Promise<Exchange> {
  const wire = await wireOf(request, scope);
  const peer = { port: context.server.nodeRed.port, from: sourceAddress(context, request) };
  const used = connection ?? (await openConnection(peer));
  try {
    return await used.exchange(wire, patienceFor(request, expected));
  } finally {
    if (!connection) used.close();
  }
}

function patienceFor(request: CaseRequest, expected: Expected): Patience {
  const responses = expected.responses?.length ?? 1;
  const { maxOpenMs, maxMs } = expected;
  if (maxOpenMs !== undefined) return { responses, waitMs: maxOpenMs + 500, untilClosed: true };
  const several = expected.responses !== undefined || request.raw !== undefined;
  return { responses, waitMs: Math.max(answerLimitMs, maxMs ?? 0), ...(several && { lingerMs: 100 }) };
}

/** Where addresses mean something, the one that the case names; elsewhere one that no other case uses. */
export function sourceAddress({ one, ordinal }: CaseContext, request: CaseRequest): string {
  if (/^F-(ip|admin)/.test(one.fixture)) return request.remoteAddress ?? "127.0.0.1";
  if (/^F-(token|rate-proxy|audit)/.test(one.fixture) && request.remoteAddress) return request.remoteAddress;
  const last = request.remoteAddress?.split(".").at(-1) ?? "1";
  return `127.${100 + (ordinal >> 8)}.${ordinal & 255}.${last}`;
}

/** Requests that reached a node and left it, between two reports. */
export function countedBetween(before: ProbeReport, after: ProbeReport): ReadonlyMap<string, Counted> {
  const zero = { seen: 0, out1: 0, out2: 0 };
  const entries = Object.entries(after.counters).map(([route, now]): [string, Counted] => {
    const then = before.counters[route] ?? zero;
    return [route, { seen: now.seen - then.seen, out1: now.out1 - then.out1, out2: now.out2 - then.out2 }];
  });
  return new Map(entries.filter(([, { seen, out1, out2 }]) => seen + out1 + out2 > 0));
}

/** What is wrong with the paths of a case's requests through the nodes. */
export function judgeCounts(counted: ReadonlyMap<string, Counted>): readonly string[] {
  return [...counted].flatMap(([route, { seen, out1, out2 }]) => {
    return seen === out1 + out2 ? [] : [`${route}: ${seen} requests, ${out1} x output 1, ${out2} x output 2`];
  });
}

/** Callers that no case knows must still get through. */
export async function controlProblems({ one, server }: CaseContext): Promise<readonly string[]> {
  if (!server.nodeRed.alive()) return [`the process ended:\n${server.nodeRed.log().slice(-2000)}`];
  const basic = Buffer.from(`${control.user}:${control.password}`).toString("base64");
  const scope = { values: controlValues };
  const requests: [CaseRequest, string][] = [
    [{ path: "/basic", headers: [["Host", "control"], ["Authorization", `Basic ${basic}`], close] }, "127.0.0.1"],
  ];
  if (one.fixture === "F-ip") requests.push([{ path: "/ip", headers: [["Host", "control"], close] }, "127.0.0.3"]);
  const problems: string[] = [];
  for (const [request, from] of requests) {
    const connection = await openConnection({ port: server.nodeRed.port, from });
    const { responses } = await connection.exchange(await wireOf(request, scope), {
      responses: 1,
      waitMs: answerLimitMs,
    });
    connection.close();
    if (outputOf(responses[0]) !== 1)
      problems.push(`control request ${request.path}: ${responses[0]?.status ?? "no answer"}`);
  }
  return problems;
}

const close = ["Connection", "close"] as const;

const controlValues = {} as Scope["values"];
