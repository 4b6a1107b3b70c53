import { setTimeout as delay } from "node:timers/promises";
import type { CaseContext } from "./context.ts";
import { Unsupported } from "./placeholders.ts";

type Result = Readonly<Record<string, unknown>>;
type Actor = (context: CaseContext, ...words: readonly string[]) => Promise<Result>;

/** What an administrator is told to do, as the cases word it. */
const actors: readonly (readonly [RegExp, Actor])[] = [
  [/^rotate (?:key )?(\S+)(?: with(?:out)?(?: an)? overlap(?: (?:of )?(.+))?)?$/, rotate],
  [/^(revoke|disable|enable|end-overlap) (?:key )?(\S+)$/, (context, verb, name) => keyAction(context, name, verb)],
  [/^end (?:the )?overlap of (\S+)$/, (context, name) => keyAction(context, name, "end-overlap")],
  [/^delete (?:key )?(\S+)$/, (context, name) => ask(context, "DELETE", keyPath(context, name))],
  [/^expire (?:key )?(\S+)$/, expire],
  [/^set scopes of (\S+) to (.+)$/, (context, name, list) => changeKey(context, name, { scopes: listOf(list) })],
  [
    /^set (?:allow|addresses|ip ranges?|ranges) of (\S+) to (.+)$/,
    (context, name, list) => changeKey(context, name, { addresses: listOf(list) }),
  ],
  [/^create (?:key )?(\S+)$/, create],
  [/^delete user (.+)$/, (context, name) => ask(context, "DELETE", userPath(name))],
  [
    /^(disable|enable|revoke) user (.+)$/,
    (context, verb, name) => ask(context, "POST", `${userPath(name)}/${verb}`, {}),
  ],
  [
    /^set (?:the )?password of (?:user )?(\S+) to (.+)$/,
    (context, name, password) => ask(context, "PUT", `${userPath(name)}/password`, { password }),
  ],
];

/** Carries out an action of an administrator through the admin API. What it answers can be spoken of by later steps. */
export async function act(text: string, context: CaseContext): Promise<Result> {
  const [, command = text, laterMs] = /^(.*?)(?: at \+(\d+) ms)?$/.exec(text.replace(/^admin: */, "")) ?? [];
  // Longer words first: "delete user alice" is no key of that name.
  const [found] = [...actors].reverse().flatMap(([pattern, actor]) => {
    const match = pattern.exec(command);
    return match ? [{ actor, words: match.slice(1) }] : [];
  });
  const shift = clockShift(text);
  if (shift !== undefined) {
    await context.server.probe({ clockShiftMs: String(shift) });
    return {};
  }
  if (!found || !text.startsWith("admin:")) throw new Unsupported(`action "${text}"`);
  if (laterMs !== undefined) await delay(Number(laterMs));
  context.world.soil();
  return found.actor(context, ...found.words);
}

/** How far an action sets the server's wall clock, in milliseconds. */
function clockShift(text: string): number | undefined {
  const [, sign, count, unit] = /^(?:set wall clock|libfaketime) ([+-])(\d+) ?(s|min|h|d)\b/.exec(text) ?? [];
  return count === undefined ? undefined : Number(`${sign}${count}`) * 1000 * (units.get(unit ?? "s") ?? 1);
}

async function ask(context: CaseContext, method: string, path: string, body?: object): Promise<Result> {
  const { nodeRed } = context.server;
  const { adminPath } = context.scope.values;
  const answer = await fetch(new URL(`${adminPath}${path}`, nodeRed.url), {
    method,
    headers: {
      authorization: `Bearer ${await nodeRed.adminToken("admin")}`,
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
  return text === "" ? {} : (JSON.parse(text) as Result);
}

function userPath(name = ""): string {
  return `/users/${encodeURIComponent(name)}`;
}

function keyPath({ world }: CaseContext, name = ""): string {
  const { ids } = world.seed();
  const id = ids.get(name) ?? ids.get(`${name}revoked`);
  if (id === undefined) throw new Unsupported(`key ${name}`);
  return `/keys/${id}`;
}

function keyAction(context: CaseContext, name = "", action = ""): Promise<Result> {
  return ask(context, "POST", `${keyPath(context, name)}/${action}`, {});
}

function changeKey(context: CaseContext, name = "", changes: object): Promise<Result> {
  return ask(context, "PATCH", keyPath(context, name), changes);
}

/** The API takes no time that is over: the key gets a second more. */
async function expire(context: CaseContext, name = ""): Promise<Result> {
  const result = await changeKey(context, name, { expiresAt: new Date(Date.now() + 1000).toISOString() });
  await delay(1100);
  return result;
}

async function create(context: CaseContext, name = ""): Promise<Result> {
  const { texts, ids } = context.world.seed();
  const made = await ask(context, "POST", "/keys", { name, scopes: ["read"] });
  (texts as Map<string, string>).set(name, String(made.secret));
  (ids as Map<string, string>).set(name, String(made.id));
  return made;
}

/** The placeholders for both secrets then mean the new pair. */
async function rotate(context: CaseContext, name = "", overlap = "0"): Promise<Result> {
  const texts = context.world.seed().texts as Map<string, string>;
  const rotated = await ask(context, "POST", `${keyPath(context, name)}/rotate`, {
    overlapSeconds: secondsOf(overlap),
  });
  texts.set(`${name}old`, texts.get(`${name}new`) ?? texts.get(name) ?? "");
  texts.set(`${name}new`, String(rotated.secret));
  return rotated;
}

const units = new Map([
  ["s", 1],
  ["m", 60],
  ["min", 60],
  ["h", 3600],
  ["d", 86_400],
]);

function secondsOf(text: string): number {
  const [, count, unit] = /^(\d+) *(s|min|m|h|d)?$/.exec(text) ?? [];
  return count === undefined ? 0 : Number(count) * (units.get(unit ?? "s") ?? 1);
}

function listOf(text = ""): readonly string[] {
  const inner = text.trim().replace(/^\[|\]$/g, "");
  return inner
    .split(",")
    .map((item) => item.trim().replace(/^"|"$/g, ""))
    .filter((item) => item !== "");
}
