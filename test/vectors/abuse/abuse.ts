import { setTimeout as delay } from "node:timers/promises";
import { until } from "../../harness/node-red.ts";
import type { CorpusFile } from "../corpus.ts";
import type { Outcome, Result } from "../report.ts";
import { adminVariant, runAdmin } from "./admin.ts";
import { auditFileOf, runAudit } from "./audit.ts";
import { type CaseContext, controlProblems, countedBetween, judgeCounts, sendRequest } from "./context.ts";
import { judgeExchange, onlySlow } from "./expect.ts";
import { flowArrangement, runFlow } from "./flow.ts";
import type { Arrangement } from "./flows.ts";
import { judgeInvariants, judgeLeaks } from "./invariants.ts";
import { Unsupported } from "./placeholders.ts";
import { rateArrangement } from "./rate-flows.ts";
import { judgeSame } from "./same.ts";
import { runSteps } from "./steps.ts";
import { limitsFailures, missingFor } from "./support.ts";
import { runTiming } from "./timing.ts";
import type { AbuseCase, AbuseIndex } from "./types.ts";
import { isSlow } from "./wire.ts";
import { makeWorld, type Server, type Variant, type World } from "./world.ts";

type AbuseFile = Extract<CorpusFile, { kind: "abuse" }>;

interface Run {
  readonly index: AbuseIndex;
  readonly world: World;
  readonly cases: ReadonlyMap<string, AbuseCase>;
  readonly slow: boolean;
}

/** Runs cases over raw sockets against real Node-REDs, started when the first case needs one. */
export async function runAbuse(
  files: readonly AbuseFile[],
  index: AbuseIndex,
  { slow }: { readonly slow: boolean },
): Promise<readonly Result[]> {
  const all = files.flatMap(({ file, cases }) => cases.map((one) => ({ file, one })));
  const world = await makeWorld(index, wantedKeys(all.map(({ one }) => one)));
  const run: Run = { index, world, cases: new Map(all.map(({ one }) => [one.id, one])), slow };
  const waiting = new Map<string, Promise<Outcome>>();
  try {
    // Those that take a minute go on beside the others: they reach no node.
    for (const [ordinal, { one }] of all.entries()) {
      if (slow && isSlow(one.request) && !missingFor(one)) waiting.set(one.id, outcomeOf(run, one, ordinal));
    }
    const results: Result[] = [];
    for (const [ordinal, { file, one }] of all.entries()) {
      const outcome = waiting.has(one.id) ? true : await outcomeOf(run, one, ordinal);
      results.push({ file, id: one.id, title: one.title, outcome });
    }
    return await Promise.all(
      results.map(async (result) => ({ ...result, outcome: (await waiting.get(result.id)) ?? result.outcome })),
    );
  } finally {
    await world.end();
  }
}

/** Names in `{{key:NAME}}` placeholders. */
function wantedKeys(cases: readonly AbuseCase[]): ReadonlySet<string> {
  return new Set([...JSON.stringify(cases).matchAll(/\{\{key:([^|}]+)/g)].map(([, name = ""]) => name));
}

async function outcomeOf(run: Run, one: AbuseCase, ordinal: number): Promise<Outcome> {
  const missing = missingFor(one);
  if (missing) return `unsupported: ${missing}`;
  if (isSlow(one.request) && !run.slow) return "unsupported: takes a minute (npm run vectors, or GATEHOUSE_FULL=1)";
  try {
    const problems = await attempt(run, one, ordinal);
    return problems.length === 0 ? true : explain(one, problems);
  } catch (error) {
    if (error instanceof Unsupported) return `unsupported: ${one.runner}: ${error.message}`;
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function explain(one: AbuseCase, problems: readonly string[]): Outcome {
  const asksForLimit = JSON.stringify(one).includes("429");
  if (asksForLimit && !limitsFailures()) return "unsupported: the limit on failed attempts is not there yet";
  return problems.join("\n      ");
}

/** A case that fails by its time only is tried again: the machine may have been busy. */
async function attempt(run: Run, one: AbuseCase, ordinal: number): Promise<readonly string[]> {
  for (let left = 2; ; left--) {
    const problems = await runCase(run, one, ordinal);
    if (left === 0 || !onlySlow(problems)) return problems;
  }
}

async function runCase(run: Run, one: AbuseCase, ordinal: number): Promise<readonly string[]> {
  run.world.renew();
  const server = await run.world.server(variantFor(one));
  const context: CaseContext = {
    one,
    world: run.world,
    server,
    scope: { values: run.world.values(server) },
    ordinal,
  };
  if (isSlow(one.request)) return runSlowRequest(context);
  await server.arrange(arrangementFor(one, run.index));
  // Requests of other cases must not count.
  if (one.fixture.startsWith("F-rate")) await server.redeploy();
  server.feed.drain();
  const logged = server.nodeRed.log().length;
  const before = await server.probe();
  const problems = [...(await runnerOf(one)(context))];
  const { sameResponseAs } = one.expected;
  if (sameResponseAs !== undefined) problems.push(...(await judgeSame(context, sameResponseAs, run.cases)));
  if (server.nodeRed.alive()) {
    const after = await server.probe();
    problems.push(...judgeCounts(countedBetween(before, after)), ...judgeInvariants(one, before, after));
    problems.push(...(await judgeLeaks(context, server.nodeRed.log().slice(logged))));
  }
  if (one.runner === "flow") await server.arrange({});
  return [...problems, ...(await controlProblems(context))];
}

function variantFor(one: AbuseCase): Variant {
  if (one.fixture === "F-admin") return adminVariant(one);
  return one.request?.serverBind === undefined ? {} : { bind: one.request.serverBind };
}

function arrangementFor(one: AbuseCase, index: AbuseIndex): Partial<Arrangement> {
  const rate = rateArrangement(one, index);
  if (rate) return { rate };
  if (one.fixture === "F-audit") return { audit: auditFileOf(one) };
  if (one.fixture.startsWith("F-ip")) return { ip: one.fixture, ...(one.config && { ipConfig: one.config }) };
  return one.runner === "flow" ? flowArrangement(one.request) : {};
}

function runnerOf(one: AbuseCase): (context: CaseContext) => Promise<readonly string[]> {
  if (one.runner === "timing") return runTiming;
  if (one.runner === "flow" || one.request?.transport !== undefined) return runFlow;
  if (one.fixture === "F-audit") return runAudit;
  if (one.runner === "deploy") return runDeploy;
  if (one.fixture === "F-admin" && one.request?.path?.includes("{{ADMIN}}")) return runAdmin;
  return one.steps ? runSteps : runRequest;
}

/**
 * Node looks for connections that take too long every 30 s from its start on: one that opens late in such a stretch is
 * closed within 15 s of its limit, another one only after up to 30 s.
 */
async function runSlowRequest(context: CaseContext): Promise<readonly string[]> {
  const stretchMs = 30_000;
  const sinceCheckMs = (Date.now() - context.server.startedAt) % stretchMs;
  await delay((22_000 - sinceCheckMs + stretchMs) % stretchMs);
  return runRequest(context);
}

async function runRequest(context: CaseContext): Promise<readonly string[]> {
  const { request, expected } = context.one;
  if (!request) throw new Unsupported("a case without request and steps");
  return judgeExchange(await sendRequest(context, request, expected), expected, context.scope);
}

/** What the case as a whole allows counts: a node that cannot work answers 503, where its steps name a refusal only. */
async function runDeploy(context: CaseContext): Promise<readonly string[]> {
  const { steps, ...one } = context.one;
  const requests = steps?.map(({ request }) => request) ?? [one.request];
  const judged = await Promise.all(
    requests.map((request) => runRequest({ ...context, one: { ...one, ...(request && { request }) } })),
  );
  return [...judged.flat(), ...(await judgeRefusedConfiguration(context.server, one))];
}

/** A node that cannot work says so in red. */
async function judgeRefusedConfiguration(server: Server, one: AbuseCase): Promise<readonly string[]> {
  if (one.expected.deploy === undefined) return [];
  const status = () => server.feed.statusOf(one.fixture.startsWith("F-rate") ? "check-rate" : "check-ip");
  const saysWhy = await until(() => status()?.fill === "red" && (status()?.text ?? "") !== "", 3000);
  return saysWhy ? [] : [`the node's status is ${JSON.stringify(status())}`];
}
