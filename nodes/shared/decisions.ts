import type { KeyObject } from "node:crypto";
import type { Node, NodeAPI } from "node-red";
import { type DecidingCheck, decisionEntry } from "../../lib/audit/decision.ts";
import { pseudonymKey } from "../../lib/audit/text.ts";
import type { Check, RequestFacts, Verdict } from "../../lib/check.ts";
import { isHeard, tell } from "./audit-trail.ts";
import { checkTally } from "./check-counts.ts";
import type { BuiltCheck } from "./check-node.ts";
import { addressResolverOf, type KeyStoreNode, type ResolveAddress } from "./config-nodes.ts";
import { announceCheck } from "./deployed-checks.ts";
import type { CheckNodeConfig } from "./gate.ts";
import type { StatusReport } from "./node-status.ts";
import { noteSettings } from "./settings-trail.ts";
import { unavailable } from "./verdicts.ts";

/** Told of each decision: counts it and, when somebody listens, leaves it to the audit trail. */
export type NoteDecision = (verdict: Verdict, facts: RequestFacts | undefined, observed: boolean) => void;

interface Deployment {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly config: CheckNodeConfig & { readonly store?: string; readonly network?: string };
  readonly built: BuiltCheck;
  readonly status: StatusReport;
}

/** What a check needs for its life from deploy to deploy besides the decision: counts, audit trail, rehearsals. */
export function deploy({ RED, node, config, built, status }: Deployment) {
  const tally = checkTally(Date.now);
  noteSettings(node, config, config.store || undefined);
  const clientAddress = resolverOf(RED, config.network ?? "");
  const check: DecidingCheck = {
    node: node.id,
    nodeType: node.type,
    nodeName: node.name ?? "",
    flow: node.z ?? "",
    store: config.store || undefined,
    clientAddress,
    pseudonymKey: () => pseudonymKeyOf(storeOf(RED, config.store)?.masterKey),
  };
  const { rehearse } = built;
  const forget = announceCheck({
    id: node.id,
    type: node.type,
    name: check.nodeName,
    flow: check.flow,
    observe: config.observe,
    counts: tally.counts,
    clientAddress,
    present: built.present,
    rehearse: rehearse && ((step) => audited(rehearse(step), RED, config.store)),
  });
  const note: NoteDecision = (verdict, facts, observed) => {
    status.count(verdict);
    tally.count(verdict, observed);
    if (!isHeard()) return;
    const at = Date.now();
    tell(() => decisionEntry({ at, facts, verdict, observed }, check));
  };
  return { check: audited(built.check, RED, config.store), note, forget };
}

/** "No audit, no access": refuses while the store's trail cannot be written, where the store asks for that. */
function audited(check: Check, RED: NodeAPI, store: string | undefined): Check {
  const audit = storeOf(RED, store)?.audit;
  if (!audit?.required) return check;
  const refusal = unavailable("audit-unavailable", "the audit trail cannot be written");
  return (facts, caller) => (audit.isWritable() ? check(facts, caller) : refusal);
}

function storeOf(RED: NodeAPI, id: string | undefined) {
  return id ? (RED.nodes.getNode(id) as KeyStoreNode | null)?.handle : undefined;
}

const nowhere: ResolveAddress = () => ({ address: undefined, reason: "no-peer" });

/** A network that cannot work was complained of already; then no address is known. */
function resolverOf(RED: NodeAPI, network: string): ResolveAddress {
  try {
    return addressResolverOf(RED, network);
  } catch {
    return nowhere;
  }
}

const keys = new WeakMap<KeyObject, KeyObject>();
let processKey: KeyObject | undefined;

/** One for each master key; where there is none, one for this process. */
export function pseudonymKeyOf(masterKey: KeyObject | undefined): KeyObject {
  if (!masterKey) {
    processKey ??= pseudonymKey(undefined);
    return processKey;
  }
  const known = keys.get(masterKey);
  if (known) return known;
  const made = pseudonymKey(masterKey);
  keys.set(masterKey, made);
  return made;
}
