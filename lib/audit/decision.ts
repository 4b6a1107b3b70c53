import type { KeyObject } from "node:crypto";
import type { RequestFacts, Verdict } from "../check.ts";
import { countingKey } from "../net/address.ts";
import type { ClientAddress } from "../net/client-address.ts";
import type { AuditEntry, AuditEvent } from "./event.ts";
import { escapeText, pathOf, pseudonym } from "./text.ts";

/** What was decided, and when. */
export interface Decision {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Absent for a message that is no request. */
  readonly facts: RequestFacts | undefined;
  readonly verdict: Verdict;
  /** A refusal that was let through. */
  readonly observed: boolean;
}

/** The check that decided. */
export interface DecidingCheck {
  readonly node: string;
  readonly nodeType: string;
  readonly nodeName: string;
  readonly flow: string;
  readonly store: string | undefined;
  readonly clientAddress: (facts: RequestFacts) => ClientAddress;
  /** Asked for only when there is a name to hide. */
  readonly pseudonymKey: () => KeyObject;
}

/** The event of a decision: who asked for what, from where, and what came of it. */
export function decisionEntry({ at, facts, verdict, observed }: Decision, check: DecidingCheck): AuditEntry {
  const from = facts && check.clientAddress(facts);
  const result = verdict.accepted ? "accepted" : observed ? "observed" : "rejected";
  const event: AuditEvent = {
    time: new Date(at).toISOString(),
    event: `access.${result}`,
    result,
    node: check.node,
    nodeType: check.nodeType,
    ...(check.nodeName !== "" && { nodeName: escapeText(check.nodeName) }),
    flow: check.flow,
    ...(check.store !== undefined && { store: check.store }),
    ...callerMembers(verdict, check),
    ...(from && addressMembers(from)),
    ...(facts && { method: escapeText(facts.method, 32), path: pathOf(facts.target) }),
    ...(verdict.accepted ? undefined : { reason: verdict.reason, status: verdict.status }),
  };
  return { event, source: sourceOf(from) };
}

function callerMembers(verdict: Verdict, { pseudonymKey }: DecidingCheck) {
  if (verdict.accepted) {
    const { principal } = verdict;
    return principal && { actorKind: principal.kind, actor: escapeText(principal.id) };
  }
  const { principalId, attempted, detail } = verdict;
  return {
    ...(principalId !== undefined && { actor: escapeText(principalId) }),
    ...(principalId === undefined && attempted !== undefined && { attempted: pseudonym(attempted, pseudonymKey()) }),
    ...(detail !== undefined && { detail: escapeText(detail) }),
  };
}

/** The caller's address, and how it was found: by the socket, by a header from a trusted proxy, or why it was not. */
export function addressMembers(from: ClientAddress) {
  if (from.address === undefined) {
    return { addressFrom: from.reason, ...(from.peer !== undefined && { peer: from.peer }) };
  }
  const { text, via, hops, peer } = from;
  return { address: text, addressFrom: via, ...(via === "header" && { hops, peer }) };
}

function sourceOf(from: ClientAddress | undefined): string {
  if (!from) return "unknown";
  return from.address ? countingKey(from.address) : (from.peer ?? "unknown");
}
