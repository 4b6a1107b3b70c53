import type { Node, NodeAPI, NodeDef } from "node-red";
import { bodies } from "../../lib/admin/bodies.ts";
import { keyOperations } from "../../lib/admin/key-operations.ts";
import type { Operation, Outcome } from "../../lib/admin/outcome.ts";
import { userOperations } from "../../lib/admin/user-operations.ts";
import { ConfigError, OverloadError, StoreError } from "../../lib/errors.ts";
import { hashQueue } from "../../lib/secrets/hash-queue.ts";
import { hashPassword } from "../../lib/secrets/password-hash.ts";
import { storeHandleOf } from "../shared/config-nodes.ts";
import type { FlowMessage } from "../shared/message.ts";
import { statusReport } from "../shared/node-status.ts";
import type { KeyManageConfig } from "./config.ts";
import { callerOf, type Request, requestOf } from "./request.ts";

type Definition = NodeDef & KeyManageConfig;
type Send = (outputs: readonly (FlowMessage | null)[]) => void;
type Run = (request: Request, actor: string) => Promise<Outcome>;

/** A deployed node, and what it runs operations with. */
interface Desk {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly config: Definition;
  readonly run: Run;
}

const hashing = hashQueue({ concurrency: 1 });

export default function keyManage(RED: NodeAPI): void {
  RED.nodes.registerType("key-manage", function (this: Node, config: Definition) {
    RED.nodes.createNode(this, config);
    const desk: Desk = { RED, node: this, config, run: runner(RED, this, config) };
    this.on("input", (msg, send, done) => {
      void manage(desk, msg as FlowMessage, send as Send).then(() => done(), done);
    });
  });
}

/** What runs operations on the configured store; where there is none, what says so. */
function runner(RED: NodeAPI, node: Node, config: Definition): Run {
  try {
    const { store, prefix, masterKey } = storeHandleOf(RED, config.store);
    const hash = (password: string) => hashing.run(() => hashPassword(password));
    const admin = { store, prefix, masterKey, bodies: bodies(Date.now), hashPassword: hash };
    const operations = { key: keyOperations(admin), user: userOperations(admin) };
    return (request, actor) => runOne(operations[request.type].get(request.operation), request, actor);
  } catch (error) {
    const { message } = error as Error;
    node.error(message);
    statusReport(node).broken(message);
    return () => Promise.reject(error);
  }
}

async function runOne(operation: Operation | undefined, request: Request, actor: string): Promise<Outcome> {
  if (!operation) {
    const detail = `There is no operation "${request.operation}" on a ${request.type}.`;
    return { done: false, status: 422, detail };
  }
  return operation(request.members, { now: Date.now(), actor });
}

/** Runs what a message asks for, and sends it on: what was done by output 1, why it was not by output 2. */
async function manage(desk: Desk, msg: FlowMessage, send: Send): Promise<void> {
  const { node, config } = desk;
  const caller = callerOf(msg);
  const actor = caller ? `${caller.kind} ${caller.id}` : `node ${node.name || node.id}`;
  try {
    const request = requestOf(msg.payload, config, caller);
    const outcome = await desk.run(request, actor);
    note(desk, request, actor, outcome);
    send(outcome.done ? [answered(msg, 200, outcome.value), null] : [null, refused(msg, outcome)]);
  } catch (error) {
    const refusal = refusalOf(error);
    send([null, refused(msg, refusal)]);
    if (refusal.status === 503 && !(error instanceof OverloadError)) throw error;
  }
}

function note({ RED, config }: Desk, { type, operation }: Request, actor: string, outcome: Outcome): void {
  if (!outcome.done || !outcome.changed) return;
  const event = `gatehouse.${type}.${operation}`;
  RED.log.audit({ event, store: config.store, actor, ...outcome.changed } as never);
}

function refusalOf(error: unknown): { readonly status: number; readonly detail: string } {
  if (error instanceof ConfigError) return { status: 422, detail: error.message };
  if (error instanceof OverloadError) return { status: 503, detail: error.message };
  if (!(error instanceof StoreError)) return { status: 503, detail: "The operation failed." };
  if (error.code !== "read-only") return { status: 503, detail: `The store cannot answer: ${error.code}.` };
  return { status: 409, detail: "This store's keys and users are typed in its dialog; change them there." };
}

function refused(msg: FlowMessage, refusal: { status: number; detail: string; problems?: unknown }): FlowMessage {
  const { status, detail, problems } = refusal;
  return answered(msg, status, { error: detail, ...(problems !== undefined && { problems }) });
}

/** Ready for `http response`, which keeps a new secret out of caches. */
function answered(msg: FlowMessage, status: number, payload: object): FlowMessage {
  msg.statusCode = status;
  msg.headers = { "Cache-Control": "no-store" };
  msg.payload = payload;
  return msg;
}
