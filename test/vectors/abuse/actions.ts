import { setTimeout as delay } from "node:timers/promises";
import type { KeyRecord, UserRecord } from "../../../lib/records.ts";
import { digestApiKey, generateApiKey } from "../../../lib/secrets/api-key.ts";
import { hashPassword } from "../../../lib/secrets/password-hash.ts";
import type { Store } from "../../../lib/store.ts";
import { openStore } from "../../../stores/open.ts";
import type { CaseContext } from "./context.ts";
import { Unsupported } from "./placeholders.ts";
import { keyPrefix, type Seed } from "./seed.ts";

/** Longer than another process may take to learn of a change. */
const spreadMs = 1100;

interface Act {
  readonly store: Store;
  readonly seed: Seed;
}

type Actor = (act: Act, ...words: readonly string[]) => Promise<unknown>;

/** What an administrator is told to do, as the cases word it. */
const actors: readonly (readonly [RegExp, Actor])[] = [
  [/^rotate (?:key )?(\S+)(?: with(?:out)?(?: an)? overlap(?: (.+))?)?$/, rotate],
  [/^(?:revoke) (?:key )?(\S+)$/, (act, name) => changeKey(act, name, () => ({ revokedAt: Date.now() }))],
  [/^(disable|enable|delete) user (.+)$/, (act, verb, name) => userState(act, verb, name)],
  [/^(disable|enable|delete|expire) (?:key )?(\S+)$/, (act, verb, name) => keyState(act, verb, name)],
  [/^set (?:the )?password of (?:user )?(\S+) to (.+)$/, setPassword],
  [/^set scopes of (\S+) to (.+)$/, (act, name, list) => changeKey(act, name, () => ({ scopes: listOf(list) }))],
  [
    /^set (?:allow|addresses|ip ranges?|ranges) of (\S+) to (.+)$/,
    (act, name, list) => changeKey(act, name, () => ({ addresses: listOf(list) })),
  ],
  [
    /^set environment of (\S+) to (production|sandbox)$/,
    (act, name, environment) => changeKey(act, name, () => ({ environment: environment as "production" })),
  ],
];

/**
 * Carries out an action through a second process on the same store, as the command line of an operator would, and waits
 * until every process must know of it. Results can be spoken of by later steps.
 */
export async function act(text: string, context: CaseContext): Promise<Readonly<Record<string, unknown>>> {
  const [, command = text, laterMs] = /^(.*?)(?: at \+(\d+) ms)?$/.exec(text.replace(/^admin: */, "")) ?? [];
  const found = actors.flatMap(([pattern, actor]) => {
    const match = pattern.exec(command);
    return match ? [{ actor, words: match.slice(1) }] : [];
  })[0];
  if (!found || !text.startsWith("admin:")) throw new Unsupported(`action "${text}"`);
  if (laterMs !== undefined) await delay(Number(laterMs));
  const { folder } = await context.world.folders();
  const store = openStore({ backend: "embedded", folder, now: Date.now });
  await store.ready();
  const seed = context.world.seed();
  context.world.soil();
  try {
    await found.actor({ store, seed }, ...found.words);
  } finally {
    await store.close();
  }
  if (laterMs === undefined) await delay(spreadMs);
  return {};
}

async function keyOf({ store, seed }: Act, name: string): Promise<KeyRecord> {
  const id = seed.ids.get(name) ?? seed.ids.get(`${name}revoked`);
  const record = id === undefined ? undefined : await store.get("key", id);
  if (!record) throw new Unsupported(`key ${name}`);
  return record;
}

async function changeKey(act: Act, name = "", change: (record: KeyRecord) => Partial<KeyRecord>): Promise<void> {
  const record = await keyOf(act, name);
  const written = await act.store.put("key", { ...record, ...change(record), version: record.version + 1 });
  if (!written) throw new Error(`the change of ${name} was refused`);
}

async function keyState(act: Act, verb = "", name = ""): Promise<void> {
  if (verb === "expire") return changeKey(act, name, () => ({ expiresAt: Date.now() - 1 }));
  if (verb !== "delete") return changeKey(act, name, () => ({ disabled: verb === "disable" }));
  const record = await keyOf(act, name);
  await act.store.remove("key", record.id, record.version);
}

async function userState({ store }: Act, verb = "", name = ""): Promise<void> {
  const record = await userOf(store, name);
  if (verb === "delete") await store.remove("user", record.id, record.version);
  else await store.put("user", { ...record, disabled: verb === "disable", version: record.version + 1 });
}

async function setPassword({ store }: Act, name = "", password = ""): Promise<void> {
  const record = await userOf(store, name);
  await store.put("user", { ...record, passwordHash: await hashPassword(password), version: record.version + 1 });
}

async function userOf(store: Store, name: string): Promise<UserRecord> {
  const record = await store.get("user", name);
  if (!record) throw new Unsupported(`user ${name}`);
  return record;
}

/** The placeholders for both secrets then mean the new pair. */
async function rotate(act: Act, name = "", overlap = ""): Promise<void> {
  const texts = act.seed.texts as Map<string, string>;
  await changeKey(act, name, (record) => {
    const { text } = generateApiKey({ prefix: keyPrefix, environment: record.environment, id: record.id });
    const now = Date.now();
    const [previous] = record.secrets;
    const overlapMs = durationOf(overlap);
    const old = previous && overlapMs > 0 ? [{ ...previous, expiresAt: now + overlapMs }] : [];
    texts.set(`${name}old`, texts.get(`${name}new`) ?? texts.get(name) ?? "");
    texts.set(`${name}new`, text);
    return { secrets: [{ digest: digestApiKey(text), lastFour: text.slice(-4), createdAt: now }, ...old] };
  });
}

const units = new Map([
  ["s", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

function durationOf(text: string): number {
  const [, count, unit] = /^(\d+) *(s|min|m|h|d)?$/.exec(text) ?? [];
  return count === undefined ? 0 : Number(count) * (units.get(unit ?? "s") ?? 1000);
}

function listOf(text = ""): readonly string[] {
  const inner = text.trim().replace(/^\[|\]$/g, "");
  return inner
    .split(",")
    .map((item) => item.trim().replace(/^"|"$/g, ""))
    .filter((item) => item !== "");
}
