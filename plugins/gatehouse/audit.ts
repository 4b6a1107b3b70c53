import { type AuditedChange, changeEvent } from "../../lib/audit/change.ts";
import { pathOf } from "../../lib/audit/text.ts";
import { countedSource } from "../../lib/net/client-address.ts";
import { isHeard, tell } from "../../nodes/shared/audit-trail.ts";
import { socketAddress } from "../../nodes/shared/config-nodes.ts";
import type { AdminRequest, Call } from "./route.ts";

interface Changed {
  readonly event: string;
  readonly store?: string;
  readonly id?: string;
  readonly version?: number;
}

/** Leaves a change to the audit trail. The address is the connection's: what headers say of it is anybody's word. */
export function tellChange({ event, store, id, version }: Changed, { request, context, body }: Call<unknown>): void {
  const about = {
    ...(store !== undefined && { store }),
    ...(id !== undefined && { object: id }),
    ...(version !== undefined && { version }),
    ...(event.endsWith(".update") && { members: Object.keys(body as object) }),
  };
  tellOf(request, {
    at: context.now,
    event: event.replace(/^gatehouse\./, ""),
    result: "changed",
    actorKind: "editor",
    actor: context.actor,
    ...about,
  });
}

/** Leaves a refused call to the audit trail. */
export function tellDenied(request: AdminRequest, status: number): void {
  const user = typeof request.user?.username === "string" ? request.user.username : undefined;
  const path = pathOf(request.originalUrl ?? request.url ?? "");
  tellOf(request, {
    at: Date.now(),
    event: "admin.denied",
    result: "denied",
    actorKind: user === undefined ? "unknown" : "editor",
    actor: user ?? "anonymous",
    method: request.method ?? "",
    path,
    status,
  });
}

function tellOf(request: AdminRequest, change: Omit<AuditedChange, "from">): void {
  if (!isHeard()) return;
  const facts = { method: "", target: "", rawHeaders: [], peer: request.socket.remoteAddress };
  tell(() => ({
    event: changeEvent({ ...change, from: socketAddress(facts) }),
    source: countedSource(facts, socketAddress),
  }));
}
