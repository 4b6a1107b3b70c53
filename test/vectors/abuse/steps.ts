import { setTimeout as delay } from "node:timers/promises";
import { act } from "./actions.ts";
import { type CaseContext, sendRequest, sourceAddress } from "./context.ts";
import { judgeExchange, judgeStatuses } from "./expect.ts";
import { type Scope, Unsupported } from "./placeholders.ts";
import { type Connection, type Exchange, openConnection } from "./socket.ts";
import type { CaseRequest, Expected, Step } from "./types.ts";

interface Progress {
  readonly results: Record<string, unknown>[];
  readonly pending: Map<number, Promise<Exchange>>;
  readonly connections: Map<string, Connection>;
  readonly statuses: (number | null)[];
  readonly problems: string[];
  last: Exchange | undefined;
}

/** Several requests and actions, one after the other. */
export async function runSteps(context: CaseContext): Promise<readonly string[]> {
  const progress: Progress = {
    results: [],
    pending: new Map(),
    connections: new Map(),
    statuses: [],
    problems: [],
    last: undefined,
  };
  const { steps = [], expected } = context.one;
  for (const step of steps) assertSupported(step);
  // A password that was proved a moment ago needs no hash: begin without that memory.
  if (steps.some(({ delayHashMs }) => delayHashMs !== undefined)) await context.server.redeploy();
  try {
    for (const [n, step] of steps.entries()) progress.results[n] = await runStep(context, step, n, progress);
  } finally {
    for (const connection of progress.connections.values()) connection.close();
    await context.server.probe({ delayHashMs: "0", clockShiftMs: "0" });
  }
  const last = progress.last ? await judgeExchange(progress.last, singular(expected), context.scope) : [];
  return [
    ...progress.problems,
    ...last.map((problem) => `at last: ${problem}`),
    ...judgeStatuses(progress.statuses, expected),
  ];
}

function assertSupported(step: Step): void {
  if ((step.instances ?? 1) > 1) throw new Unsupported("several instances");
  if (step.writeFile !== undefined) throw new Unsupported("a store that is one file");
}

/** What is expected of one exchange, without what is expected of all together. */
function singular({ sequence: _, exactlyOne, exactlyStatus, maxStatus, lastStatus, ...rest }: Expected): Expected {
  const isOfAll = exactlyOne ?? exactlyStatus ?? maxStatus ?? lastStatus;
  return isOfAll === undefined ? rest : {};
}

async function runStep(
  context: CaseContext,
  step: Step,
  n: number,
  progress: Progress,
): Promise<Record<string, unknown>> {
  const { waitMs, action } = step;
  if (waitMs !== undefined) await delay(waitMs);
  if (step.alignToWindow !== undefined) await delay(untilWindow(step.alignToWindow));
  if (step.delayHashMs !== undefined) await context.server.probe({ delayHashMs: String(step.delayHashMs) });
  if (step.await !== undefined) await settle(context, step, n, await progress.pending.get(step.await), progress);
  if (step.request && step.async) {
    progress.pending.set(n, sendRequest(context, step.request, step.expected ?? {}, scopeOf(context, progress, 0)));
  } else if (step.request) await sendAll(context, step, step.request, n, progress);
  return action === undefined ? resultOf(progress.last) : { ...(await act(action, context)) };
}

/** For limits that count by the clock, the milliseconds until shortly before their window of 10 s ends. */
function untilWindow(text: string): number {
  const [, beforeMs] = /^end-(\d+)ms$/.exec(text) ?? [];
  if (beforeMs === undefined) throw new Unsupported(`alignment ${text}`);
  const windowMs = 10_000;
  return (2 * windowMs - Number(beforeMs) - (Date.now() % windowMs)) % windowMs;
}

async function sendAll(
  context: CaseContext,
  step: Step,
  request: CaseRequest,
  n: number,
  progress: Progress,
): Promise<void> {
  const atOnce =
    typeof step.parallel === "number" ? step.parallel : step.parallel ? (step.repeat ?? 1) : step.concurrency;
  const total = step.repeat ?? (typeof step.parallel === "number" ? step.parallel : 1);
  let next = 0;
  const worker = async () => {
    while (next < total) {
      const i = next++;
      const connection = await connectionOf(context, step, request, progress);
      const scope = scopeOf(context, progress, i);
      await settle(
        context,
        step,
        n,
        await sendRequest(context, request, step.expected ?? {}, scope, connection),
        progress,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce ?? 1, total) }, worker));
}

function scopeOf({ scope }: CaseContext, { results }: Progress, i: number): Scope {
  return { ...scope, steps: results, i };
}

async function connectionOf(
  context: CaseContext,
  { connection: name, newConnection }: Step,
  request: CaseRequest,
  { connections }: Progress,
): Promise<Connection | undefined> {
  if (name === undefined || newConnection) return undefined;
  const open = connections.get(name);
  if (open) return open;
  const opened = await openConnection({ port: context.server.nodeRed.port, from: sourceAddress(context, request) });
  connections.set(name, opened);
  return opened;
}

async function settle(
  { scope }: CaseContext,
  step: Step,
  n: number,
  exchange: Exchange | undefined,
  progress: Progress,
): Promise<void> {
  if (!exchange) throw new Unsupported("a step that awaits none");
  progress.last = exchange;
  progress.statuses.push(exchange.responses[0]?.status ?? null);
  const problems = await judgeExchange(exchange, step.expected ?? {}, scope);
  progress.problems.push(...problems.map((problem) => `step ${n}: ${problem}`));
}

/** Members of a JSON answer, for later steps. */
function resultOf(exchange: Exchange | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(exchange?.responses[0]?.body ?? "");
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
