import { setTimeout as delay } from "node:timers/promises";
import { type CaseContext, countedBetween } from "./context.ts";
import { expand } from "./placeholders.ts";
import type { AbuseCase } from "./types.ts";
import type { ProbeReport } from "./world.ts";

/** Conditions that the cases name and the harness can check; the others are for a reader, or hold by the global ones. */
const checks = new Map<string, (before: ProbeReport, after: ProbeReport) => string | undefined>([
  [
    "Object.prototype unchanged",
    (before, after) =>
      before.prototype.join() === after.prototype.join() ? undefined : "Object.prototype has changed",
  ],
  [
    "no password hash computed",
    (before, after) => (before.hashes === after.hashes ? undefined : "a password hash was computed"),
  ],
]);

export function judgeInvariants(one: AbuseCase, before: ProbeReport, after: ProbeReport): readonly string[] {
  const named = ["Object.prototype unchanged", ...(one.expected.invariants ?? [])];
  return [...new Set(named)].flatMap((name) => checks.get(name)?.(before, after) ?? passages(name, before, after));
}

/** How often the flow behind the check has run. */
function passages(name: string, before: ProbeReport, after: ProbeReport): readonly string[] {
  const [, wanted] = /^protected function node counter is (\d+)$/.exec(name) ?? [];
  if (wanted === undefined) return [];
  const ran = [...countedBetween(before, after).values()].reduce((sum, { out1 }) => sum + out1, 0);
  return ran === Number(wanted) ? [] : [`the protected flow ran ${ran} times, not ${wanted}`];
}

/** No secret may be in the log, in a node's status or in a debug message; nor what the case names besides. */
export async function judgeLeaks(context: CaseContext, log: string): Promise<readonly string[]> {
  const { one, server, scope, world } = context;
  const sent = elsewhere(one);
  const carried = decoded(await expand(sent, scope).catch(() => sent));
  const secrets = world.seed().secrets.filter((secret) => secret.length > 5);
  // The editor is told in batches: what this case showed by intent must not be taken for the next one's.
  if (secrets.some((secret) => carried.includes(secret))) await delay(150);
  const { statuses, debug } = server.feed.drain();
  const places: readonly (readonly [string, string, readonly string[]])[] = [
    ["the log", log, [...secrets, ...(await texts(one.expected.logMustNotContain, context))]],
    ["a status", statuses, [...secrets, ...(await texts(one.expected.statusMustNotContain, context))]],
    // A flow's author sees in the debug sidebar what a caller sent in other places than a credential's.
    ["the debug sidebar", debug, secrets.filter((secret) => !carried.includes(secret))],
    ["the debug sidebar", debug, await texts(one.expected.debugMustNotContain, context)],
  ];
  return places.flatMap(([place, text, unwanted]) => {
    const found = unwanted.filter((secret) => text.includes(secret));
    return found.map((secret) => `${place} holds ${secret}: ${excerpt(text, secret)}`);
  });
}

/** A target's text, and what a parser of targets makes of it. */
function decoded(text: string): string {
  return (
    text + text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString())
  );
}

function excerpt(text: string, secret: string): string {
  const at = text.indexOf(secret);
  return text.slice(Math.max(0, at - 200), at + secret.length + 50);
}

function texts(listed: readonly string[] | undefined, { scope }: CaseContext): Promise<readonly string[]> {
  return Promise.all((listed ?? []).map((text) => expand(text, scope)));
}

const credentialHeader = /^(authorization|x-auth-token|x-api-key)$/i;

/** What a case sends in other places than where its checks take credentials. */
function elsewhere(one: AbuseCase): string {
  const requests = [one.request, one.request?.http, ...(one.steps ?? []).map(({ request }) => request)];
  const kept = requests.map((request) => ({
    ...request,
    http: undefined,
    headers: (request?.headers ?? []).filter(([name]) => !credentialHeader.test(name)),
  }));
  return JSON.stringify(kept);
}
