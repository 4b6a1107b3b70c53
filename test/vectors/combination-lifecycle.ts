import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check, RequestFacts } from "../../lib/check.ts";
import { token } from "../../lib/checks/token.ts";
import { change } from "../../lib/lifecycle/change.ts";
import { revoke, setDisabled } from "../../lib/lifecycle/conditions.ts";
import { createKey, endOverlap, rotateKey } from "../../lib/lifecycle/keys.ts";
import { clientAddress } from "../../lib/net/client-address.ts";
import type { KeyRecord } from "../../lib/records.ts";
import type { Store } from "../../lib/store.ts";
import { openStore } from "../../stores/open.ts";
import { keyPrefix, keyringOf } from "./combination-records.ts";
import type { PureCase } from "./corpus.ts";
import type { Outcome } from "./report.ts";

/** A process on the store, with caches of its own. */
interface Process {
  readonly store: Store;
  readonly check: Check;
}

interface Life {
  readonly processes: ReadonlyMap<string, Process>;
  readonly clock: { now: number };
  readonly keys: Map<string, { id: string; secrets: Map<string, string>; revealed: boolean }>;
  readonly statuses: number[];
  readonly startedAt: number;
}

class Unsupported extends Error {}

/** The life of a key on a store that two processes share, told in steps such as `B call k` and `at +61`. */
export async function runLifecycle({ input, expected }: PureCase): Promise<Outcome> {
  const { steps } = input as unknown as { steps: readonly string[] };
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-life-"));
  const clock = { now: Date.now() };
  const processes = new Map(["A", "B"].map((name) => [name, startProcess(folder, clock)]));
  const life: Life = { processes, clock, keys: new Map(), statuses: [], startedAt: clock.now };
  try {
    for (const { store } of processes.values()) await store.ready();
    for (const step of steps) await live(life, step);
    return judge(life.statuses, (expected as { statuses: readonly number[] }).statuses);
  } catch (error) {
    if (error instanceof Unsupported) return `unsupported: ${error.message}`;
    throw error;
  } finally {
    for (const { store } of processes.values()) await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Any answer that tells a caller it is gone for good will do for 410. */
function judge(actual: readonly number[], wanted: readonly number[]): Outcome {
  const agree = (status: number, n: number) =>
    status === wanted[n] || (wanted[n] === 410 && status >= 400 && status < 500);
  return (actual.length === wanted.length && actual.every(agree)) || `statuses ${actual}, not ${wanted}`;
}

function startProcess(folder: string, clock: Life["clock"]): Process {
  const now = () => clock.now;
  const store = openStore({ backend: "embedded", folder, now });
  const check = token({
    keyring: keyringOf(store, now),
    carriers: [{ in: "header", name: "x-auth-token" }],
    realm: "api",
    requirements: { scopes: [] },
    clientAddress: clientAddress({ trusted: undefined, header: "x-forwarded-for" }),
  });
  return { store, check };
}

type Act = (life: Life, process: Process, ...words: readonly string[]) => void | Promise<void>;

const acts: readonly (readonly [RegExp, Act])[] = [
  [/^create (\w+)((?: \S+=?\S*)*)$/, create],
  [/^call (\w+)(?:\.(old|new))?$/, call],
  [/^revoke (\w+)$/, (life, { store }, name) => changeKey(life, store, name, (record) => revoke(record, by(life)))],
  [/^(disable|enable) (\w+)$/, (life, { store }, verb, name) => switchKey(life, store, verb, name)],
  [/^rotate (\w+)(?: overlap (\d+))?$/, rotate],
  [
    /^(?:end overlap (\w+)|revoke (\w+)\.old)$/,
    (life, { store }, ended, revoked) =>
      changeKey(life, store, ended ?? revoked, (record) => endOverlap(record, by(life))),
  ],
  [/^delete (\w+)$/, remove],
  [/^reveal (\w+)$/, reveal],
  [/^wait (\d+) ?(s|ms)$/, (life, _, count, unit) => pass(life, Number(count) * (unit === "s" ? 1000 : 1))],
  [/^at \+(\d+)$/, (life, _, seconds) => pass(life, life.startedAt + Number(seconds) * 1000 - life.clock.now)],
];

async function live(life: Life, step: string): Promise<void> {
  const [, name = "A", words = step] = /^(?:([AB]) )?(.*)$/.exec(step) ?? [];
  const process = life.processes.get(name);
  for (const [pattern, act] of acts) {
    const match = pattern.exec(words);
    if (match && process) return act(life, process, ...match.slice(1));
  }
  throw new Unsupported(`step "${step}"`);
}

function by({ clock }: Life) {
  return { now: clock.now, actor: "case" };
}

function pass({ clock }: Life, ms: number): void {
  clock.now += ms;
}

async function create(life: Life, { store }: Process, name = "", conditions = ""): Promise<void> {
  const { record, secret } = createKey({ name, ...conditionsOf(conditions, life) }, keyPrefix, by(life));
  if (!(await store.put("key", record))) throw new Error("the new key was refused");
  life.keys.set(name, { id: record.id, secrets: new Map([["new", secret]]), revealed: false });
}

function conditionsOf(text: string, { clock }: Life): { expiresAt?: number; notBefore?: number } {
  const conditions: { expiresAt?: number; notBefore?: number } = {};
  const rest = text.replace(/ (expires|notBefore)[ =]\+(\d+)/g, (_, name: string, seconds: string) => {
    conditions[name === "expires" ? "expiresAt" : "notBefore"] = clock.now + Number(seconds) * 1000;
    return "";
  });
  if (rest.trim() !== "") throw new Unsupported(`keys with ${rest.trim()}`);
  return conditions;
}

function keyOf({ keys }: Life, name = "") {
  const key = keys.get(name);
  if (!key) throw new Unsupported(`a step about ${name}, which was not made`);
  return key;
}

async function call(life: Life, { check }: Process, name = "", which = "new"): Promise<void> {
  const secret = keyOf(life, name).secrets.get(which) ?? "";
  const facts: RequestFacts = { method: "GET", target: "/", rawHeaders: ["X-Auth-Token", secret], peer: "192.0.2.1" };
  const verdict = await check(facts);
  life.statuses.push(verdict.accepted ? 200 : verdict.status);
}

async function changeKey(
  life: Life,
  store: Store,
  name: string | undefined,
  transition: (record: KeyRecord) => KeyRecord,
): Promise<void> {
  await change(store, { kind: "key", id: keyOf(life, name).id, transition });
}

function switchKey(life: Life, store: Store, verb = "", name = ""): Promise<void> {
  return changeKey(life, store, name, (record) => setDisabled(record, verb === "disable", by(life)));
}

async function rotate(life: Life, { store }: Process, name = "", overlapSeconds = "0"): Promise<void> {
  const { secrets } = keyOf(life, name);
  await changeKey(life, store, name, (record) => {
    const issued = rotateKey(record, { overlapMs: Number(overlapSeconds) * 1000, prefix: keyPrefix }, by(life));
    secrets.set("old", secrets.get("new") ?? "");
    secrets.set("new", issued.secret);
    return issued.record;
  });
}

async function remove(life: Life, { store }: Process, name = ""): Promise<void> {
  const { id } = keyOf(life, name);
  const record = await store.get("key", id);
  if (record) await store.remove("key", id, record.version);
}

/** The answer to the creation is the one place that holds the secret; nothing that is stored can show it again. */
async function reveal(life: Life, { store }: Process, name = ""): Promise<void> {
  const key = keyOf(life, name);
  const stored = JSON.stringify(await store.get("key", key.id));
  const isStored = stored.includes(key.secrets.get("new") ?? "");
  life.statuses.push(key.revealed && !isStored ? 410 : 200);
  key.revealed = true;
}
