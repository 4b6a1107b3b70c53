import type { Node, NodeAPI, NodeDef } from "node-red";
import { bodies } from "../../lib/admin/bodies.ts";
import { keyOperations } from "../../lib/admin/key-operations.ts";
import type { Operation, Outcome } from "../../lib/admin/outcome.ts";
import { unlockOperation } from "../../lib/admin/unlock.ts";
import { userOperations } from "../../lib/admin/user-operations.ts";
import type { Principal } from "../../lib/check.ts";
import { ConfigError, OverloadError, StoreError } from "../../lib/errors.ts";
import { hashQueue } from "../../lib/secrets/hash-queue.ts";
import { hashPassword } from "../../lib/secrets/password-hash.ts";
import { tellChangeByFlow } from "../shared/changes.ts";
import { storeHandleOf } from "../shared/config-nodes.ts";
import { finish } from "../shared/finish.ts";
import type { FlowMessage } from "../shared/message.ts";
import { type StatusReport, statusReport } from "../shared/node-status.ts";
import type { KeyManageConfig } from "./config.ts";
import { callerOf, type Request, requestOf } from "./request.ts";

type Definition = NodeDef & KeyManageConfig;
type Send = (outputs: readonly (FlowMessage | null)[]) => void;
type Run = (request: Request, actor: string) => Promise<Outcome>;
type Refusal = Pick<Extract<Outcome, { done: false }>, "detail" | "problems"> & { readonly status: number };

/** A deployed node, and what it runs operations with. */
interface Desk {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly config: Definition;
  readonly status: StatusReport;
  readonly run: Run;
}

const hashing = hashQueue({ concurrency: 1 });

export default function keyManage(RED: NodeAPI): void {
  RED.nodes.registerType("key-manage", function (this: Node, config: Definition) {
    RED.nodes.createNode(this, config);
    const status = statusReport(this);
    const desk: Desk = { RED, node: this, config, status, run: runner(RED, this, config, status) };
    this.on("input", (msg, send, done) => {
      const finished = (fault?: Error) => finish(this, msg as FlowMessage, done, fault);
      manage(desk, msg as FlowMessage, send as Send).then(() => finished(), finished);
    });
    this.on("close", status.close);
  });
}

/** What runs operations on the configured store; where there is none, what says so. */
function runner(RED: NodeAPI, node: Node, config: Definition, status: StatusReport): Run {
  try {
    const { store, prefix, masterKey, throttle } = storeHandleOf(RED, config.store);
    const hash = (password: string) => hashing.run(() => hashPassword(password));
    const admin = { store, prefix, masterKey, bodies: bodies(Date.now), hashPassword: hash };
    const unlock = ["unlock", unlockOperation(throttle)] as const;
    const operations = {
      key: new Map([...keyOperations(admin), unlock]),
      user: new Map([...userOperations(admin), unlock]),
    };
    return (request, actor) => runOne(operations[request.type].get(request.operation), request, actor);
  } catch (error) {
    const { message } = error as Error;
    node.error(message);
    status.broken(message);
    return () => Promise.resolve({ done: false, status: 503, detail: message });
  }
}

async function runOne(operation: Operation | undefined, request: Request, actor: string): Promise<Outcome> {
  if (operation) return operation(request.members, { now: Date.now(), actor });
  const detail = `There is no operation "${request.operation.slice(0, 40)}" on a ${request.type}.`;
  return { done: false, status: 422, detail };
}

/** Runs what a message asks for, and sends it on: what was done by output 1, why it was not by output 2. */
async function manage(desk: Desk, msg: FlowMessage, send: Send): Promise<void> {
  const { node, config } = desk;
  const caller = callerOf(msg);
  const actor = caller ? `${caller.kind} ${caller.id}` : `node ${node.name || node.id}`;
  try {
    const request = requestOf(msg.payload, config, caller);
    const outcome = await desk.run(request, actor);
    note(desk, request, { msg, caller, actor }, outcome);
    if (outcome.done) done(desk, msg, send, outcome.value);
    else refuse(desk, msg, send, outcome);
  } catch (error) {
    const refusal = refusalOf(error);
    refuse(desk, msg, send, refusal);
    if (refusal.status === 503 && !(error instanceof OverloadError)) throw error;
  }
}

interface Asker {
  readonly msg: FlowMessage;
  readonly caller: Principal | undefined;
  readonly actor: string;
}

function note({ RED, node, config }: Desk, { type, operation }: Request, asker: Asker, outcome: Outcome): void {
  if (!outcome.done || !outcome.changed) return;
  const { msg, caller, actor } = asker;
  const { store } = config;
  const event = operation === "unlock" ? "unlock" : `${type}.${operation}`;
  RED.log.audit({ event: `gatehouse.${event}`, store, actor, ...outcome.changed } as never);
  const { id: object, version } = outcome.changed;
  tellChangeByFlow({ event, node: node.id, store, object, version }, msg.req, caller);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof ConfigError) return { status: 422, detail: error.message };
  if (error instanceof OverloadError) return { status: 503, detail: error.message };
  if (!(error instanceof StoreError)) return { status: 503, detail: "The operation failed." };
  if (error.code !== "read-only") return { status: 503, detail: `The store cannot answer: ${error.code}.` };
  return { status: 409, detail: "This store's keys and users are typed in its dialog; change them there." };
}

function done({ status }: Desk, msg: FlowMessage, send: Send, value: object): void {
  status.count({ accepted: true });
  send([answered(msg, 200, value), null]);
}

function refuse({ status: report }: Desk, msg: FlowMessage, send: Send, { status, detail, problems }: Refusal): void {
  report.count({ accepted: false, status, detail });
  send([null, answered(msg, status, { error: detail, ...(problems && { problems }) })]);
}

/** Ready for `json` and `http response`, and for no cache: a new secret may be in it. */
function answered(msg: FlowMessage, status: number, payload: object): FlowMessage {
  msg.statusCode = status;
  msg.headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  msg.payload = payload;
  return msg;
}
