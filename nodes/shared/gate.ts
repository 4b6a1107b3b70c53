import type { IncomingMessage } from "node:http";
import type { Node, NodeAPI, NodeDef } from "node-red";
import type { Accepted, Caller, Check, Given, Rejected, Verdict } from "../../lib/check.ts";
import { mergeRejections } from "../../lib/combine.ts";
import { OverloadError } from "../../lib/errors.ts";
import { answerOf } from "../../lib/http/answer.ts";
import { conceal, revealOpen } from "./conceal.ts";
import { type FlowMessage, giveBack, hold, rejectionOf, writeAccepted, writeRejected } from "./message.ts";
import type { StatusReport } from "./node-status.ts";
import { notePassage, type Passage, passageOf, type RequestRecord, requestRecord } from "./request-record.ts";
import { respond } from "./respond.ts";
import { DECISION_LIMIT_MS, faultVerdict, notARequest, unavailable, within } from "./verdicts.ts";

export interface CheckNodeConfig extends NodeDef {
  readonly observe: boolean;
  readonly hideCredentials?: boolean;
}

export type Send = (outputs: readonly (FlowMessage | null)[]) => void;
type Done = (error?: Error) => void;

/** One check in one flow: all that is needed to let messages through or not. */
export interface Gate {
  readonly RED: NodeAPI;
  readonly node: Node & { readonly wires?: readonly (readonly string[])[] };
  readonly config: CheckNodeConfig;
  readonly check: Check;
  readonly given?: ((msg: FlowMessage) => Given) | undefined;
  readonly status: StatusReport;
  closed: boolean;
}

/** A message on its way through a gate. */
interface Visit {
  readonly msg: FlowMessage;
  readonly req: IncomingMessage;
  readonly record: RequestRecord;
  readonly send: Send;
  readonly done: Done;
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
  const visit: Visit = { msg, req: msg.req as IncomingMessage, record, send, done };
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
    gate.status.count(verdict);
    if (verdict.accepted) accept(gate, visit, verdict);
    else if (gate.config.observe) observe(gate, visit, verdict);
    else reject(gate, visit, verdict);
  }
  visit.done();
}

function leaveFaulty(gate: Gate, visit: Visit, fault: unknown): void {
  try {
    const verdict = faultVerdict(fault);
    gate.status.count(verdict);
    if (gate.closed) answerClosed(visit);
    else reject(gate, visit, verdict);
    visit.done(fault instanceof OverloadError ? undefined : (fault as Error));
  } catch (error) {
    visit.done(error as Error);
  }
}

/** The flow was deployed anew while the request waited: its wires are gone. */
function answerClosed({ msg }: Visit): void {
  respond(msg.res, answerOf(unavailable("store-unavailable", "the flow was deployed anew")));
}

function accept(gate: Gate, { msg, req, record, send }: Visit, verdict: Accepted): void {
  const came = passageOf(record, msg._gatehouse);
  if (came?.refusals) {
    giveBack(msg, came.refusals.before, (value) => gate.RED.util.cloneMessage(value as never));
    revealOpen(req, record);
  }
  // A Bearer token speaks for the principal that it proved, not for one of another check.
  const { principal, bearer } = verdict.principal ? verdict : (came ?? {});
  const address = verdict.address ?? came?.address;
  const passage = notePassage(record, {
    ...(principal && { principal }),
    ...(bearer && { bearer }),
    ...(address !== undefined && { address }),
    acceptedBy: [...(came?.acceptedBy ?? []), gate.node.type],
  });
  if (gate.config.hideCredentials) conceal(req, record, verdict.carriers, false);
  writeAccepted(msg, passage, verdict);
  send([msg, null]);
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
  const all = [...(came?.refusals?.all ?? []), verdict] as [Rejected, ...Rejected[]];
  const passage: Passage = notePassage(record, {
    ...came,
    acceptedBy: came?.acceptedBy ?? [],
    refusals: { all, before: came?.refusals?.before ?? hold(msg) },
  });
  const merged = mergeRejections(all);
  if (gate.config.hideCredentials) conceal(req, record, verdict.carriers, true);
  if (!isWired(gate)) {
    respond(msg.res, answerOf(merged));
    return;
  }
  writeRejected(msg, passage, merged, verdict, gate.node.type);
  send([null, msg]);
}

/** Whatever came with the message is dropped: a stranger may have written it (R2). */
function refuseForeign(gate: Gate, msg: FlowMessage, send: Send, done: Done): void {
  gate.status.count(notARequest);
  delete msg.req;
  delete msg._gatehouse;
  const { status, headers, body } = answerOf(notARequest);
  msg.statusCode = status;
  msg.headers = { ...headers };
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
