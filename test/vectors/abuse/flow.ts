import { setTimeout as delay } from "node:timers/promises";
import { startMqttBroker } from "../../harness/mqtt-broker.ts";
import { openWebSocket } from "../../harness/websocket.ts";
import { type CaseContext, countedBetween, sendRequest } from "./context.ts";
import { judgeExchange, judgeStatuses } from "./expect.ts";
import type { Arrangement } from "./flows.ts";
import { expand, Unsupported } from "./placeholders.ts";
import type { CaseRequest, Expected, Output } from "./types.ts";

type Transport = (context: CaseContext, request: CaseRequest) => Promise<readonly string[]>;

const transports = new Map<string, Transport>([
  ["websocket", (context, request) => sendForeign(context, () => viaWebSocket(context, request))],
  ["mqtt", (context, request) => sendForeign(context, () => viaMqtt(context, request))],
  ["inject", (context, request) => sendForeign(context, () => viaInject(context, request))],
  ["function", viaFunction],
  ["http", sendHttp],
  ["fault", viaFault],
  ["load", viaLoad],
  ["admin", viaAdmin],
]);

/** A message that enters a flow by another way than a plain request, or an answer of the editor's API. */
export async function runFlow(context: CaseContext): Promise<readonly string[]> {
  const { request } = context.one;
  const name = request?.transport ?? (context.one.runner === "http" ? "admin" : "http");
  const transport = transports.get(name);
  if (!request || !transport) throw new Unsupported(`transport ${name}`);
  return transport(context, request);
}

/** How the flows must be for a case of this runner. */
export function flowArrangement(request: CaseRequest | undefined): Partial<Arrangement> {
  if (request?.transport === "load") return { direct: true };
  if (request?.transport !== "function") return {};
  const mutate = (request.mutate ?? "none").trim();
  const found = mutations.find(([pattern]) => pattern.test(mutate));
  if (!found) throw new Unsupported(`mutation "${mutate}"`);
  return found[1](mutate);
}

/** What the cases do to the flow, in their words. */
const mutations: readonly (readonly [RegExp, (text: string) => Partial<Arrangement>])[] = [
  [/^(none|no change|wrong key .*)$/i, () => ({})],
  [/^out2 -> http response with payload of whole msg\.auth$/i, () => ({ afterRefusal: "msg.payload = msg.auth;" })],
  [/config node (deleted|missing|removed)/i, () => ({ store: "deleted" })],
  [/store.*(disabled flow|another.* flow)/i, () => ({ store: "on a disabled flow" })],
  [/store disabled|config node disabled/i, () => ({ store: "disabled" })],
  [/^(clone|cloneMessage|copy|RED\.util\.cloneMessage)\b/i, () => ({ before: "return RED.util.cloneMessage(msg);" })],
  [/^(delete|remove)\s+msg\.[\w.]+;?$/i, (text) => ({ before: `delete ${text.split(/\s+/)[1]};\nreturn msg;` })],
  [
    /^msg(\.\w+|\[)[^;]*=|^(const|let|var|if|delete|return|throw|Object\.|node\.)\b/,
    (text) => ({ before: `${text};\nreturn msg;` }),
  ],
  [
    /^no msg\.req$|without msg\.req|msg\.req (missing|removed|deleted)/i,
    () => ({ before: "delete msg.req;\nreturn msg;" }),
  ],
];

/** A message without a request: it must pass no check, and disturb nothing. */
async function sendForeign(context: CaseContext, deliver: () => Promise<void>): Promise<readonly string[]> {
  const before = await context.server.probe();
  await deliver();
  await delay(300);
  const counted = countedBetween(before, await context.server.probe());
  const route = routes.get(context.one.node);
  const chosen = route === undefined ? [...counted.values()] : [counted.get(route)];
  const sum = (output: "seen" | "out1" | "out2") => chosen.reduce((total, one) => total + (one?.[output] ?? 0), 0);
  if (sum("seen") === 0) return ["the message reached no check"];
  const actual: Output = sum("out1") > 0 ? 1 : sum("out2") > 0 ? 2 : "none";
  const wanted = [context.one.expected.output ?? []].flat();
  return wanted.length === 0 || wanted.includes(actual) ? [] : [`output ${actual}, not ${wanted.join(" or ")}`];
}

const routes = new Map([
  ["basic-auth-check", "basic"],
  ["x-auth-token-check", "token"],
  ["ip-allowlist", "ip"],
]);

/** The message of a case, under whichever name it is written. */
function messageOf(request: CaseRequest): unknown {
  const members = new Map(Object.entries(request));
  const name = ["message", "msg", "data", "text", "body", "payload"].find((candidate) => members.has(candidate));
  if (name === undefined) throw new Unsupported(`transport ${request.transport} without a message`);
  return members.get(name);
}

async function viaWebSocket(context: CaseContext, request: CaseRequest): Promise<void> {
  const message = messageOf(request);
  const text = await expand(typeof message === "string" ? message : JSON.stringify(message), context.scope);
  const socket = await openWebSocket(context.server.nodeRed.port, request.path ?? "/ws");
  socket.send(text);
  await delay(100);
  socket.close();
}

async function viaMqtt(context: CaseContext, request: CaseRequest): Promise<void> {
  const message = messageOf(request);
  const text = await expand(typeof message === "string" ? message : JSON.stringify(message), context.scope);
  const broker = await startMqttBroker();
  try {
    await context.server.arrange({ mqttPort: broker.port });
    await broker.subscribed;
    broker.publish(request.topic ?? "test", text);
    await delay(200);
  } finally {
    await broker.close();
  }
}

async function viaInject(context: CaseContext, request: CaseRequest): Promise<void> {
  const { nodeRed } = context.server;
  const message = request.inject ?? messageOf(request);
  const members = typeof message === "object" && message !== null ? Object.entries(message) : [["payload", message]];
  const props = await Promise.all(
    members.map(async ([p, value]) => ({ p, vt: "json", v: await expand(JSON.stringify(value), context.scope) })),
  );
  const answer = await fetch(`${nodeRed.adminUrl}/inject/inject`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${await nodeRed.adminToken("admin")}` },
    body: JSON.stringify({ __user_inject_props__: props }),
  });
  if (!answer.ok) throw new Error(`the inject node answered ${answer.status}`);
}

async function viaFunction(context: CaseContext, request: CaseRequest): Promise<readonly string[]> {
  if (request.http) return sendHttp(context, request);
  return sendForeign(context, () => viaInject(context, { ...request, inject: { payload: request.payload ?? "x" } }));
}

async function sendHttp(context: CaseContext, request: CaseRequest): Promise<readonly string[]> {
  const { expected } = context.one;
  const exchange = await sendRequest(context, request.http ?? request, expected);
  return judgeExchange(exchange, expected, context.scope);
}

const faultWords = /^store\.(\w+) (rejects|throws|hangs|never \w+)(?: after (\d+) ms)?$/;

async function viaFault(context: CaseContext, request: CaseRequest): Promise<readonly string[]> {
  const [, method, word = "", afterMs = "0"] = faultWords.exec(String(request.inject)) ?? [];
  if (!method) throw new Unsupported(`fault "${String(request.inject)}"`);
  const manner = word === "throws" ? "throws" : word === "rejects" ? "rejects" : "hangs";
  await context.server.probe({ breakMethod: method, manner, afterMs });
  try {
    return await sendHttp(context, request);
  } finally {
    await context.server.redeploy();
  }
}

/** A hundred requests, and a deploy in the midst of them. */
async function viaLoad(context: CaseContext, request: CaseRequest): Promise<readonly string[]> {
  const { expected } = context.one;
  const [, after] = /^full deploy after (\d+)$/.exec(request.action ?? "") ?? [];
  if (after === undefined) throw new Unsupported(`action "${request.action}"`);
  const statuses: (number | null)[] = [];
  let deployed: Promise<void> | undefined;
  let sent = 0;
  const worker = async () => {
    while (sent < 100) {
      sent += 1;
      if (sent === Number(after)) deployed = context.server.redeploy();
      const exchange = await sendRequest(context, request.http ?? request, { maxMs: 10_000 } as Expected);
      statuses.push(exchange.responses[0]?.status ?? null);
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  await deployed;
  return judgeStatuses(statuses, expected);
}

/** A request to Node-RED's own admin API. */
async function viaAdmin(context: CaseContext, request: CaseRequest): Promise<readonly string[]> {
  const inner = request.http ?? request;
  const root = new URL(context.server.nodeRed.adminUrl).pathname;
  const path = inner.path?.startsWith("{{ADMIN}}") ? inner.path : `${root}${inner.path ?? "/"}`;
  const headers = inner.headers ?? [];
  const hasHost = headers.some(([name]) => /^host$/i.test(name));
  return sendHttp(context, { ...inner, path, headers: hasHost ? headers : [["Host", "admin.example"], ...headers] });
}
