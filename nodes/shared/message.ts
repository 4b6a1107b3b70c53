import type { Accepted, Rejected } from "../../lib/check.ts";
import { answerOf } from "../../lib/http/answer.ts";
import type { Held, Passage } from "./request-record.ts";

/** A message of a flow. Only `req` and the ticket are read, and each is verified. */
export interface FlowMessage {
  req?: unknown;
  res?: unknown;
  payload?: unknown;
  headers?: unknown;
  statusCode?: unknown;
  auth?: unknown;
  _gatehouse?: unknown;
  [property: string]: unknown;
}

/** What a refusal overwrites. */
const overwritten = ["payload", "headers", "statusCode"] as const;

export function hold(msg: FlowMessage): Held {
  const held: Record<string, unknown> = {};
  for (const name of overwritten) if (name in msg) held[name] = msg[name];
  return held;
}

/** Gives back what was held. `copy` keeps two branches of a flow from sharing one payload. */
export function giveBack(msg: FlowMessage, held: Held, copy: <T>(value: T) => T): void {
  for (const name of overwritten) {
    if (name in held) msg[name] = copy(held[name]);
    else delete msg[name];
  }
}

/** Tells the flow who was let in. The lists are copies: what the flow does to its message changes no passage. */
export function writeAccepted(msg: FlowMessage, passage: Passage, verdict: Accepted): void {
  const { principal, address, acceptedBy } = passage;
  const auth: Record<string, unknown> = { method: acceptedBy.at(-1), methods: [...acceptedBy], ...principal };
  if (principal) auth.scopes = [...principal.scopes];
  if (principal?.limit) auth.limit = { ...principal.limit };
  if (principal?.metadata) auth.metadata = { ...principal.metadata };
  if (principal?.expiresAt !== undefined) auth.expiresAt = new Date(principal.expiresAt).toISOString();
  if (address !== undefined) auth.address = address;
  msg._gatehouse = passage.ticket;
  msg.auth = auth;
  if (verdict.headers) msg.headers = { ...(msg.headers as object | undefined), ...verdict.headers };
}

/** Makes the message a finished answer for `http response`. The problem document is a string: an object would go through `jsonp`. */
export function writeRejected(
  msg: FlowMessage,
  passage: Passage,
  merged: Rejected,
  own: Rejected,
  check: string,
): void {
  const { status, headers, body } = answerOf(merged);
  msg._gatehouse = passage.ticket;
  msg.statusCode = status;
  msg.headers = headers;
  msg.payload = body;
  msg.auth = { rejected: rejectionOf(own, check) };
}

/** What a flow's author learns of a refusal. Never a credential. */
export function rejectionOf(verdict: Rejected, check: string): Record<string, unknown> {
  const { reason, status, address, detail, principalId } = verdict;
  const shown: Record<string, unknown> = { reason, status, check };
  if (address !== undefined) shown.address = address;
  if (detail !== undefined) shown.detail = detail;
  if (principalId !== undefined) shown.id = principalId;
  return shown;
}
