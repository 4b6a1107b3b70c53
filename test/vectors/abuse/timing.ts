import { type CaseContext, sendRequest } from "./context.ts";
import { judgeExchange } from "./expect.ts";
import { Unsupported } from "./placeholders.ts";
import type { CaseRequest, Step } from "./types.ts";

/** Samples an arm without GATEHOUSE_FULL: enough to see a leak that can be used, and over in seconds. */
const quickSamples = 60;
const fullSamples = 1000;

/** How often a comparison that seems to tell the arms apart is made again: a busy machine speaks against itself. */
const attempts = 3;

/** Statistical comparison of two requests that must take the same time. */
export async function runTiming(context: CaseContext): Promise<readonly string[]> {
  const arms = context.one.steps ?? [];
  const [first, second] = arms;
  if (!first?.request || !second?.request) throw new Unsupported("timing without two arms");
  const samples = process.env.GATEHOUSE_FULL ? fullSamples : quickSamples;
  let problems: readonly string[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    problems = await compare(context, first, second, samples, attempt);
    if (problems.length === 0) return [];
  }
  return problems;
}

async function compare(context: CaseContext, first: Step, second: Step, samples: number, attempt: number) {
  const a: number[] = [];
  const b: number[] = [];
  const problems: string[] = [];
  for (let i = 0; i < samples; i++) {
    const order =
      i % 2 === 0
        ? ([
            [first, a],
            [second, b],
          ] as const)
        : ([
            [second, b],
            [first, a],
          ] as const);
    for (const [step, times] of order) {
      const { tookMs, wrong } = await sample(context, step.request ?? {}, attempt * samples + i);
      times.push(tookMs);
      problems.push(...wrong);
    }
  }
  return problems.length > 0 ? [...new Set(problems)] : judgeTimes(context, a, b);
}

async function sample(context: CaseContext, request: CaseRequest, i: number) {
  // Another caller each time: no limit on failures comes between.
  const remoteAddress = `127.200.${i >> 8}.${i & 255}`;
  const here = { ...context, one: { ...context.one, fixture: "F-ip" } };
  const exchange = await sendRequest(here, { ...request, remoteAddress }, {}, { ...context.scope, i });
  const { timing: _, ...expected } = context.one.expected;
  const wrong = await judgeExchange(exchange, expected, context.scope);
  return { tookMs: exchange.responses[0]?.tookMs ?? Number.NaN, wrong };
}

function judgeTimes({ one }: CaseContext, a: readonly number[], b: readonly number[]): readonly string[] {
  const { maxAucOfClassifier = 0.6, maxMedianDifferencePercent } = one.expected.timing ?? {};
  const problems: string[] = [];
  // Mann–Whitney: with equal arms the area scatters about 1/2 by this much.
  const scatter = Math.sqrt((a.length + b.length + 1) / (12 * a.length * b.length));
  const allowed = Math.max(maxAucOfClassifier, 0.5 + 3 * scatter);
  const area = areaUnderCurve(a, b);
  if (Math.max(area, 1 - area) > allowed) problems.push(`the arms can be told apart: ${describe(area, a, b)}`);
  const difference = (100 * Math.abs(median(a) - median(b))) / Math.min(median(a), median(b));
  const allowedDifference =
    (maxMedianDifferencePercent ?? Number.POSITIVE_INFINITY) * (process.env.GATEHOUSE_FULL ? 1 : 2);
  if (difference > allowedDifference)
    problems.push(`medians ${difference.toFixed(0)} % apart: ${describe(area, a, b)}`);
  return problems;
}

function describe(area: number, a: readonly number[], b: readonly number[]): string {
  return `area ${area.toFixed(2)}, medians ${median(a).toFixed(1)} ms and ${median(b).toFixed(1)} ms`;
}

function areaUnderCurve(a: readonly number[], b: readonly number[]): number {
  const wins = a.reduce((sum, x) => sum + b.filter((y) => x > y).length + b.filter((y) => x === y).length / 2, 0);
  return wins / (a.length * b.length);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
