import type { IncomingMessage } from "node:http";
import type { Node, NodeAPI, NodeDef } from "node-red";
import type { Accepted, Caller, Carrier, Check, Given, Rejected, Verdict } from "../../lib/check.ts";
import { mergeRejections } from "../../lib/combine.ts";
import { OverloadError } from "../../lib/errors.ts";
import { answerOf } from "../../lib/http/answer.ts";
import { conceal, concealCopy, revealOpen } from "./conceal.ts";
import type { NoteDecision } from "./decisions.ts";
import { type Done, finish, repair } from "./finish.ts";
import { type FlowMessage, giveBack, hold, rejectionOf, writeAccepted, writeRejected } from "./message.ts";
import { notePassage, passageOf, type Refusals, type RequestRecord, requestRecord } from "./request-record.ts";
import { respond } from "./respond.ts";
import type { Underway } from "./underway.ts";
import { DECISION_LIMIT_MS, faultVerdict, notARequest, unavailable, within } from "./verdicts.ts";

export interface CheckNodeConfig extends NodeDef {
  readonly observe: boolean;
  readonly hideCredentials?: boolean;
}

export type Send = (outputs: readonly (FlowMessage | null)[]) => void;

/** One check in one flow: all that is needed to let messages through or not. */
export interface Gate {
  readonly RED: NodeAPI;
  readonly node: Node & { readonly wires?: readonly (readonly string[])[] };
  readonly config: CheckNodeConfig;
  readonly check: Check;
  readonly given?: ((msg: FlowMessage) => Given) | undefined;
  /** Where the check looks for credentials. */
  readonly carriers: readonly Carrier[];
  readonly note: NoteDecision;
  readonly underway: Underway;
  closed: boolean;
}

/** A message on its way through a gate. */
interface Visit {
  readonly msg: FlowMessage;
  readonly req: IncomingMessage;
  readonly res: unknown;
  readonly record: RequestRecord;
  readonly send: Send;
  readonly done: Done;
  /** Set once it was sent on: what breaks after that must not send it a second time. */
  left: boolean;
}

/**
 * Decides one message and sends it on by one output, or answers it. Never throws, and calls `done` once; a fault goes to
 * `done` too, and is answered.
 */
export function enter(gate: Gate, msg: FlowMessage, send: Send, done: Done): void {
  const record = requestRecord(msg.req);
  if (!record) {
    refuseForeign(gate, msg, send, done);
    return;
  }
  const leaving: Send = (outputs) => {
    visit.left = true;
    send(outputs);
  };
  const { req, res } = msg;
  const visit: Visit = { msg, req: req as IncomingMessage, res, record, send: leaving, done, left: false };
  try {
    const verdict = record.defect ?? gate.check(record.facts, callerOf(gate, record, msg));
    if (verdict instanceof Promise) {
      within(verdict, DECISION_LIMIT_MS)
        .then((decided) => leave(gate, visit, decided))
        .catch((fault) => leaveFaulty(gate, visit, fault));
    } else {
      leave(gate, visit, verdict);
    }
  } catch (fault) {
    leaveFaulty(gate, visit, fault);
  }
}

function callerOf(gate: Gate, record: RequestRecord, msg: FlowMessage): Caller | undefined {
  const passage = passageOf(record, msg._gatehouse);
  return gate.given ? { ...passage, given: gate.given(msg) } : passage;
}

function leave(gate: Gate, visit: Visit, verdict: Verdict): void {
  if (gate.closed) {
    answerClosed(visit);
  } else {
    gate.note(verdict, visit.record.facts, !verdict.accepted && gate.config.observe);
    if (verdict.accepted) accept(gate, visit, verdict);
    else if (gate.config.observe) observe(gate, visit, verdict);
    else reject(gate, visit, verdict);
  }
  finish(gate.node, visit.msg, visit.done);
}

function leaveFaulty(gate: Gate, visit: Visit, fault: unknown): void {
  repair(visit.msg, visit.req, visit.res);
  try {
    const verdict = faultVerdict(fault);
    gate.note(verdict, visit.record.facts, false);
    if (gate.closed) answerClosed(visit);
    else if (!visit.left) reject(gate, visit, verdict);
  } catch (error) {
    gate.node.error(error);
  }
  finish(gate.node, visit.msg, visit.done, fault instanceof OverloadError ? undefined : (fault as Error));
}

/**
 * To be called when the node is taken away, before Node-RED forgets it: answers what is lost with it. Requests that wait
 * for a decision are answered as they get one.
 */
export function closeGate(gate: Gate, done: () => void): void {
  gate.closed = true;
  const sent = gate.underway.take();
  // By the next turn, what was on its way to this node has arrived, and all nodes that go are gone.
  setImmediate(() => {
    const isLost = (gate.node.wires ?? []).flat().every((id) => !gate.RED.nodes.getNode(id));
    if (isLost) for (const msg of sent) answerClosed({ msg });
    done();
  });
}

/** The flow was deployed anew while the request waited: its wires are gone. */
function answerClosed({ msg }: Pick<Visit, "msg">): void {
  respond(msg.res, answerOf(unavailable("store-unavailable", "the flow was deployed anew")));
}

const nobody: Caller = {};

function accept(gate: Gate, { msg, req, record, send }: Visit, verdict: Accepted): void {
  const came = passageOf(record, msg._gatehouse);
  if (came?.refusals) {
    giveBack(msg, came.refusals.before, (value) => gate.RED.util.cloneMessage(value as never));
    revealOpen(req, record);
  }
  // A Bearer token speaks for the principal that it proved, not for one of another check.
  const { principal, bearer } = verdict.principal ? verdict : (came ?? nobody);
  const passage = notePassage(record, {
    principal,
    bearer,
    address: verdict.address ?? came?.address,
    acceptedBy: came ? [...came.acceptedBy, gate.node.type] : [gate.node.type],
    refusals: undefined,
  });
  if (gate.config.hideCredentials) {
    conceal(req, record, verdict.carriers, false);
    concealCopy(msg.payload, record, verdict.carriers);
  }
  writeAccepted(msg, passage, verdict);
  send([msg, null]);
  gate.underway.note(msg);
}

/** Lets a refused request through, and says in the message what would have happened. */
function observe(gate: Gate, visit: Visit, verdict: Rejected): void {
  const observed = rejectionOf(verdict, gate.node.type);
  gate.RED.log.audit({ event: "gatehouse.observed", node: gate.node.id, ...observed } as never);
  const { msg } = visit;
  const passThrough: Accepted = { accepted: true, carriers: verdict.carriers };
  accept(gate, { ...visit, send: () => undefined }, passThrough);
  msg.auth = { ...(msg.auth as object), observed };
  visit.send([msg, null]);
}

function reject(gate: Gate, { msg, req, record, send }: Visit, verdict: Rejected): void {
  const came = passageOf(record, msg._gatehouse);
  const all: Refusals["all"] = came?.refusals ? [...came.refusals.all, verdict] : [verdict];
  const passage = notePassage(record, {
    principal: came?.principal,
    bearer: came?.bearer,
    address: came?.address,
    acceptedBy: came?.acceptedBy ?? [],
    refusals: { all, before: came?.refusals?.before ?? hold(msg) },
  });
  const merged = mergeRejections(all);
  if (gate.config.hideCredentials) {
    const carriers = carriersIn(gate, record, req, verdict);
    conceal(req, record, carriers, true);
    concealCopy(msg.payload, record, carriers);
  }
  if (!isWired(gate)) {
    respond(msg.res, answerOf(merged));
    return;
  }
  writeRejected(msg, passage, merged, verdict, gate.node.type);
  send([null, msg]);
  gate.underway.note(msg);
}

/** A request that was refused unread may hold credentials all the same. */
function carriersIn(
  { carriers }: Gate,
  { defect }: RequestRecord,
  { headers }: IncomingMessage,
  verdict: Rejected,
): readonly Carrier[] {
  if (!defect && verdict.status !== 503) return verdict.carriers;
  return carriers.filter((carrier) => carrier.in !== "header" || carrier.name in headers);
}

/** Whatever came with the message is dropped: a stranger may have written it (R2). */
function refuseForeign(gate: Gate, msg: FlowMessage, send: Send, done: Done): void {
  gate.note(notARequest, undefined, false);
  delete msg.req;
  delete msg._gatehouse;
  const { status, headers, body } = answerOf(notARequest);
  msg.statusCode = status;
  msg.headers = headers;
  msg.payload = body;
  msg.auth = { rejected: rejectionOf(notARequest, gate.node.type) };
  if (isWired(gate)) send([null, msg]);
  else respond(msg.res, answerOf(notARequest));
  done();
}

/** Whether somebody else answers refused requests. */
function isWired({ node }: Gate): boolean {
  return (node.wires?.[1]?.length ?? 0) > 0;
}
