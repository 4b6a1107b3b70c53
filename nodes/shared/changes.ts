import { type AuditedChange, changeEvent } from "../../lib/audit/change.ts";
import type { Principal } from "../../lib/check.ts";
import { countedSource } from "../../lib/net/client-address.ts";
import { isHeard, tell } from "./audit-trail.ts";
import { socketAddress } from "./config-nodes.ts";
import { requestRecord } from "./request-record.ts";

/**
 * Leaves a change that a flow made to the audit trail: by the caller whom a check let in, or by the node itself. The
 * address is the connection's.
 */
export function tellChangeByFlow(
  about: Pick<AuditedChange, "event" | "object" | "version" | "store"> & { readonly node: string },
  req: unknown,
  caller: Principal | undefined,
): void {
  if (!isHeard()) return;
  const at = Date.now();
  const facts = requestRecord(req)?.facts;
  const who = caller
    ? { actorKind: caller.kind, actor: caller.id }
    : ({ actorKind: "node", actor: about.node } as const);
  tell(() => ({
    event: changeEvent({ at, result: "changed", ...who, ...about, from: facts && socketAddress(facts) }),
    source: facts ? countedSource(facts, socketAddress) : "flow",
  }));
}
