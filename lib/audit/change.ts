import type { ClientAddress } from "../net/client-address.ts";
import { addressMembers } from "./decision.ts";
import type { AuditEvent } from "./event.ts";
import { escapeText } from "./text.ts";

/** A change of a key or user, or a call of the admin API that was refused. */
export interface AuditedChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `key.create`, `export`, `admin.denied` and so on. */
  readonly event: string;
  readonly result: "changed" | "denied";
  readonly actorKind: "editor" | "key" | "user" | "node" | "unknown";
  readonly actor: string;
  readonly from: ClientAddress | undefined;
  readonly node?: string;
  readonly store?: string;
  readonly object?: string;
  /** Of the record after the change; the one before has a version less. */
  readonly version?: number | undefined;
  /** Names of the members that were given anew. */
  readonly members?: readonly string[];
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
}

/** The event of a change. */
export function changeEvent({ at, event, result, actorKind, actor, from, ...about }: AuditedChange): AuditEvent {
  const { object, version, members, path, method, ...others } = about;
  return {
    time: new Date(at).toISOString(),
    event,
    result,
    actorKind,
    actor: escapeText(actor),
    ...(from && addressMembers(from)),
    ...(object !== undefined && { object: escapeText(object) }),
    ...(version !== undefined && { version }),
    ...(members && { members: members.map((member) => escapeText(member, 64)).slice(0, 32) }),
    ...(method !== undefined && { method: escapeText(method, 32) }),
    ...(path !== undefined && { path: escapeText(path) }),
    ...others,
  };
}
