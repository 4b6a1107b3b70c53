import { expand, type Scope } from "./placeholders.ts";
import type { Response } from "./response.ts";
import type { Exchange } from "./socket.ts";
import type { Expected, Output } from "./types.ts";

/** The output that a response came through; the harness's flows mark it. */
export function outputOf(response: Response | undefined): Output {
  const mark = response?.headers.find(([name]) => name === "x-test-output")?.[1];
  return mark === "1" ? 1 : mark === "2" ? 2 : "none";
}

function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

/** What is wrong with an exchange that was to bring one response. */
export async function judgeExchange(exchange: Exchange, expected: Expected, scope: Scope): Promise<readonly string[]> {
  const problems = expected.responses
    ? await judgeResponses(exchange, expected.responses, scope)
    : await judgeResponse(exchange.responses[0], expected, scope);
  return [...problems, ...judgeConnection(exchange, expected)];
}

async function judgeResponses(
  { responses }: Exchange,
  expected: readonly Expected[],
  scope: Scope,
): Promise<readonly string[]> {
  const judged = await Promise.all(expected.map((one, n) => judgeResponse(responses[n], one, scope)));
  return judged.flatMap((problems, n) => problems.map((problem) => `response ${n + 1}: ${problem}`));
}

function judgeConnection(exchange: Exchange, expected: Expected): readonly string[] {
  const problems: string[] = [];
  const exactly = expected.responsesExactly ?? expected.responses?.length ?? 1;
  if (exchange.responses.length > exactly) {
    problems.push(`${exchange.responses.length} responses: ${exchange.responses.map(({ status }) => status)}`);
  }
  const { maxOpenMs } = expected;
  if (maxOpenMs !== undefined && !((exchange.closedAfterMs ?? Number.POSITIVE_INFINITY) <= maxOpenMs)) {
    problems.push(`still open after ${maxOpenMs} ms`);
  }
  return problems;
}

/** What is wrong with one response; undefined stands for none at all. */
export async function judgeResponse(
  response: Response | undefined,
  expected: Expected,
  scope: Scope,
): Promise<readonly string[]> {
  const problems = [...judgeStatus(response, expected), ...judgeOutput(response, expected)];
  if (response) problems.push(...judgeHeaders(response, expected), ...(await judgeText(response, expected, scope)));
  return problems;
}

function judgeStatus(response: Response | undefined, { status }: Expected): readonly string[] {
  if (status === undefined) return [];
  const wanted = list<number | null>(status);
  if (wanted.includes(response?.status ?? null)) return [];
  return [response ? `status ${response.status}, not ${wanted.join(" or ")}` : `no answer, not ${wanted.join(" or ")}`];
}

function judgeOutput(response: Response | undefined, { output }: Expected): readonly string[] {
  // Without an answer, the counters of the server tell.
  if (output === undefined || !response) return [];
  const wanted = list<Output>(output);
  const actual = outputOf(response);
  return wanted.includes(actual) ? [] : [`output ${actual}, not ${wanted.join(" or ")} (status ${response.status})`];
}

function judgeHeaders(response: Response, { mustHaveHeaders, mustNotHaveHeaders }: Expected): readonly string[] {
  const valuesOf = (name: string) => response.headers.filter(([candidate]) => candidate === name.toLowerCase());
  const lacking = Object.entries(mustHaveHeaders ?? {}).filter(([name, pattern]) => {
    return !valuesOf(name).some(([, value]) => new RegExp(pattern, "i").test(value));
  });
  const unwanted = (mustNotHaveHeaders ?? []).filter((name) => valuesOf(name).length > 0);
  return [
    ...lacking.map(([name, pattern]) => `no header ${name} like ${pattern}: ${JSON.stringify(valuesOf(name))}`),
    ...unwanted.map((name) => `header ${name}: ${JSON.stringify(valuesOf(name))}`),
  ];
}

async function judgeText(response: Response, expected: Expected, scope: Scope): Promise<readonly string[]> {
  const everything = `${withoutMark(response.head)}\n${response.body}`;
  const wanted = await expandEach(expected.mustContain, scope);
  const unwanted = await expandEach(expected.mustNotContain, scope);
  return [
    ...wanted.filter((text) => !response.body.includes(text)).map((text) => `the body lacks ${text}: ${response.body}`),
    ...unwanted.filter((text) => everything.includes(text)).map((text) => `the response has ${text}: ${everything}`),
    ...(expected.bodyEmpty && response.body !== "" ? [`a body: ${response.body}`] : []),
    ...judgeTime(response, expected),
  ];
}

function expandEach(listed: readonly string[] | undefined, scope: Scope): Promise<readonly string[]> {
  return Promise.all((listed ?? []).map((text) => expand(text, scope)));
}

function judgeTime({ tookMs }: Response, { maxMs }: Expected): readonly string[] {
  return maxMs !== undefined && tookMs > maxMs ? [`${slowMark} ${Math.round(tookMs)} ms, not ${maxMs} ms`] : [];
}

const slowMark = "took";

/** True when a case failed by its time only, which another load of the machine may cure. */
export function onlySlow(problems: readonly string[]): boolean {
  return problems.length > 0 && problems.every((problem) => problem.startsWith(slowMark));
}

function withoutMark(head: string): string {
  return head.replace(/\r\nx-test-output:[^\r]*/i, "");
}

/** The response without what may differ: date and nonces. */
export function comparable(response: Response | undefined): string {
  if (!response) return "no response";
  const head = response.head.replace(/\r\ndate:[^\r]*/gi, "").replace(/nonce="[^"]*"/gi, "nonce");
  return `${head}\r\n\r\n${response.body}`;
}

/** What is wrong with the statuses of many sends. */
export function judgeStatuses(statuses: readonly (number | null)[], expected: Expected): readonly string[] {
  const { sequence, exactlyOne, lastStatus, statusAll, exactlyStatus = {}, maxStatus = {} } = expected;
  const count = (status: number) => statuses.filter((one) => one === status).length;
  const isIn = (allowed: number | readonly number[], status: number | null | undefined) => {
    return list<number>(allowed).includes(status ?? Number.NaN);
  };
  const rules: readonly (readonly [holds: boolean, rule: string])[] = [
    [!sequence || sequence.join() === statuses.slice(-sequence.length).join(), `the sequence ${sequence}`],
    [exactlyOne === undefined || count(exactlyOne) === 1, `exactly one ${exactlyOne}`],
    [lastStatus === undefined || isIn(lastStatus, statuses.at(-1)), `${lastStatus} at last`],
    [!statusAll || statuses.every((status) => isIn(statusAll, status)), `only ${statusAll}`],
    ...Object.entries(exactlyStatus).map(([status, n]) => [count(Number(status)) === n, `${n} x ${status}`] as const),
    ...Object.entries(maxStatus).map(
      ([status, n]) => [count(Number(status)) <= n, `at most ${n} x ${status}`] as const,
    ),
  ];
  return rules.filter(([holds]) => !holds).map(([, rule]) => `not ${rule}: got ${summary(statuses)}`);
}

function summary(statuses: readonly (number | null)[]): string {
  const counts = new Map<number | null, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, times]) => `${times} x ${status}`).join(", ");
}
