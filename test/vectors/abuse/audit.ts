import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifyFiles } from "../../../lib/audit/verify-files.ts";
import { until } from "../../harness/node-red.ts";
import { type CaseContext, sendRequest } from "./context.ts";
import { judgeExchange } from "./expect.ts";
import { Unsupported } from "./placeholders.ts";
import type { AbuseCase, CaseRequest, Step } from "./types.ts";

/** What a case expects of the lines that it brings about. */
interface Expectation {
  readonly oneLinePerEvent?: boolean;
  readonly validJson?: boolean;
  readonly noRawControlCharacters?: boolean;
  readonly maxLineBytes?: number;
  readonly mustContain?: readonly string[];
  readonly mustNotContain?: readonly string[];
  readonly entriesFor?: readonly string[];
  readonly fields?: readonly string[];
}

type Entry = Readonly<Record<string, unknown>>;
type Act = (context: CaseContext) => Promise<readonly string[]>;

/** A file for each case, so that no case reads another's lines. */
export function auditFileOf({ id }: AbuseCase): string {
  return `audit-${id}.jsonl`;
}

/** Names of the cases that this package calls differently: a user is revoked, not deleted, and keeps the name. */
const ownNames = new Map([
  ["user.delete", "user.revoke"],
  ["import", "user.import"],
]);

const memberOf = new Map([
  ["time UTC", "time"],
  ["actor", "actor"],
  ["address", "address"],
  ["object id", "object"],
  ["result", "result"],
]);

/** One case of the audit trail: its request or steps, and what the file holds then. */
export async function runAudit(context: CaseContext): Promise<readonly string[]> {
  const { request, steps = [], expected } = context.one;
  const problems = request ? [...(await ask(context, request))] : [];
  for (const step of steps) problems.push(...(await takeStep(context, step)));
  const wanted = expected.auditLog as Expectation | undefined;
  return wanted ? [...problems, ...(await judgeFile(context, wanted))] : problems;
}

async function takeStep(context: CaseContext, { request, action }: Step): Promise<readonly string[]> {
  if (request) return ask(context, request);
  const act = actions.get(action ?? "");
  if (!act) throw new Unsupported(`action "${action}"`);
  return act(context);
}

async function ask(context: CaseContext, request: CaseRequest): Promise<readonly string[]> {
  const { status } = context.one.expected;
  const exchange = await sendRequest(context, request, {});
  const isDecided = () => entries(context).some(({ event }) => String(event).startsWith("access."));
  if (existsSync(pathOf(context)) && statSync(pathOf(context)).isFile()) await until(isDecided, 5000);
  return judgeExchange(exchange, status === undefined ? {} : { status }, context.scope);
}

function pathOf({ server, one }: CaseContext): string {
  return join(server.nodeRed.userDir, auditFileOf(one));
}

function textOf(context: CaseContext): string {
  return existsSync(pathOf(context)) ? readFileSync(pathOf(context), "utf8") : "";
}

function entries(context: CaseContext): readonly Entry[] {
  return textOf(context)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry);
}

async function judgeFile(context: CaseContext, wanted: Expectation): Promise<readonly string[]> {
  const names = (wanted.entriesFor ?? []).map((name) => ownNames.get(name) ?? name);
  const written = () => new Set(entries(context).map(({ event }) => event));
  await until(() => names.every((name) => written().has(name)), 5000);
  const text = textOf(context);
  return [
    ...names.filter((name) => !written().has(name)).map((name) => `no entry for ${name}`),
    ...judgeText(text, wanted),
    ...judgeMembers(entries(context), wanted.fields ?? []),
  ];
}

function judgeText(text: string, wanted: Expectation): readonly string[] {
  const lines = text.split("\n").slice(0, -1);
  const decisions = lines.filter((line) => line.includes('"event":"access.'));
  const longest = Math.max(0, ...lines.map((line) => Buffer.byteLength(line) + 1));
  const rules: readonly (readonly [holds: boolean, problem: string])[] = [
    [!wanted.oneLinePerEvent || decisions.length === 1, `${decisions.length} lines for one decision`],
    [!wanted.noRawControlCharacters || !/[\p{C}\p{Zl}\p{Zp}]/u.test(lines.join("")), "a raw control character"],
    [longest <= (wanted.maxLineBytes ?? longest), `a line of ${longest} bytes`],
    ...(wanted.mustContain ?? []).map((part) => [text.includes(part), `the file lacks ${part}`] as const),
    ...(wanted.mustNotContain ?? []).map((part) => [!text.includes(part), `the file holds ${part}`] as const),
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem);
}

/** An export has no object; who deployed is known to Node-RED's own audit log only. */
function judgeMembers(all: readonly Entry[], fields: readonly string[]): readonly string[] {
  const changes = all.filter(({ result, event }) => result === "changed" && event !== "settings");
  const members = fields.map((field) => memberOf.get(field) ?? field);
  return changes.flatMap((entry) => {
    const missing = members.filter(
      (member) => entry[member] === undefined && !(member === "object" && entry.event === "export"),
    );
    return missing.map((member) => `${entry.event} has no ${member}`);
  });
}

const actions: ReadonlyMap<string, Act> = new Map<string, Act>([
  ["run every admin operation once", everyOperation],
  ["POST {{ADMIN}}/keys as ro", (context) => call(context, "POST", "/keys", { name: "x" }, "ro", 401)],
  ["fill disk of audit log", blockFile],
  ["rotate", putAside],
  ["edit one line, run verify", tamper],
]);

async function call(
  { server, scope, world }: CaseContext,
  method: string,
  path: string,
  body?: object,
  user: "admin" | "ro" = "admin",
  status = 0,
): Promise<readonly string[]> {
  world.soil();
  const { nodeRed } = server;
  const authorization = `Bearer ${await nodeRed.adminToken(user)}`;
  const answer = await fetch(new URL(`${scope.values.adminPath}${path}`, nodeRed.url), {
    method,
    headers: { authorization, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  await answer.text();
  const fits = status === 0 ? answer.ok : answer.status === status;
  return fits ? [] : [`${method} ${path} was answered ${answer.status}`];
}

async function everyOperation(context: CaseContext): Promise<readonly string[]> {
  const id = context.world.seed().ids.get("K1");
  const password = "a long passphrase of four";
  const calls: readonly (readonly [string, string, object?])[] = [
    ["POST", "/keys", { name: "new" }],
    ["PATCH", `/keys/${id}`, { name: "renamed" }],
    ["POST", `/keys/${id}/rotate`, {}],
    ["POST", `/keys/${id}/revoke`, {}],
    ["POST", "/users", { name: "newcomer", password }],
    ["PUT", "/users/newcomer/password", { password: `${password} words` }],
    ["DELETE", "/users/newcomer"],
    ["POST", "/import/htpasswd", { text: "imported:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=" }],
    ["GET", "/export"],
  ];
  const problems: string[] = [];
  for (const [method, path, body] of calls) problems.push(...(await call(context, method, path, body)));
  const { one, server } = context;
  await server.arrange({ audit: auditFileOf(one), auditKeep: 9 });
  return problems;
}

/** As a full disk: nothing can be written to the file any more. */
async function blockFile(context: CaseContext): Promise<readonly string[]> {
  const path = pathOf(context);
  await until(() => textOf(context) !== "", 5000);
  rmSync(path);
  mkdirSync(path);
  await context.server.probe();
  const logged = () =>
    context.server.nodeRed.log().includes(`the audit trail cannot be written to ${auditFileOf(context.one)}`);
  await sendRequest(
    context,
    {
      path: "/basic",
      headers: [
        ["Host", "x"],
        ["Connection", "close"],
      ],
    },
    {},
  );
  return (await until(logged, 5000)) ? [] : ["no alarm"];
}

async function putAside(context: CaseContext): Promise<readonly string[]> {
  const { server, one } = context;
  const request: CaseRequest = {
    path: "/basic",
    headers: [
      ["Host", "x"],
      ["Connection", "close"],
    ],
  };
  await sendRequest(context, request, {});
  await until(() => entries(context).length > 1, 5000);
  await server.probe({ clockShiftMs: String(86_400_000) });
  await sendRequest(context, request, {});
  const files = () => readdirSync(server.nodeRed.userDir).filter((name) => name.startsWith(auditFileOf(one)));
  const isAside = await until(() => files().length === 2, 5000);
  await server.probe({ clockShiftMs: "0" });
  const modes = files().map((name) => statSync(join(server.nodeRed.userDir, name)).mode & 0o777);
  if (!isAside) return ["no file was put aside"];
  return modes.every((mode) => mode === 0o600) ? [] : [`modes ${modes.map((mode) => mode.toString(8))}`];
}

async function tamper(context: CaseContext): Promise<readonly string[]> {
  const request: CaseRequest = {
    path: "/basic",
    headers: [
      ["Host", "x"],
      ["Connection", "close"],
    ],
  };
  for (let i = 0; i < 3; i++) await sendRequest(context, request, {});
  await until(() => entries(context).length >= 4, 5000);
  const copy = `${pathOf(context)}.copy`;
  const lines = textOf(context).split("\n");
  const problems: string[] = [];
  for (const [n, line] of lines.slice(0, -1).entries()) {
    writeFileSync(copy, lines.with(n, line.replace(/"time":"20/, '"time":"21')).join("\n"));
    const { broken } = await verifyFiles([copy]);
    if (broken?.line !== n + 1) problems.push(`a change of line ${n + 1} is found in ${broken?.line ?? "no line"}`);
  }
  return problems;
}
