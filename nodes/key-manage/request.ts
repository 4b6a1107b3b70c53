import type { Principal } from "../../lib/check.ts";
import { ConfigError } from "../../lib/errors.ts";
import type { FlowMessage } from "../shared/message.ts";
import { passageOf, requestRecord } from "../shared/request-record.ts";
import type { KeyManageConfig } from "./config.ts";

export interface Request {
  readonly operation: string;
  readonly type: "key" | "user";
  /** The rest of the payload: what the admin API takes as a body, and `id`. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Stands for whoever a check of this flow let in, for portals where callers manage themselves. */
const CALLER = "$caller";

/** Whoever a check let in with this message; never what the message says of itself. */
export function callerOf(msg: FlowMessage): Principal | undefined {
  const record = requestRecord(msg.req);
  const passage = record && passageOf(record, msg._gatehouse);
  // A later check that refused has the last word, whoever an earlier one let in.
  return passage?.refusals ? undefined : passage?.principal;
}

/** What a message asks for. The node's own settings win over the message. Throws a `ConfigError`. */
export function requestOf(
  payload: unknown,
  config: Pick<KeyManageConfig, "operation" | "subject">,
  caller: Principal | undefined,
): Request {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    throw new ConfigError("payload", "msg.payload must be an object.");
  }
  const { operation, type, ...members } = payload as Readonly<Record<string, unknown>>;
  const asked = config.operation || operation;
  if (typeof asked !== "string") throw new ConfigError("operation", "msg.payload.operation is missing.");
  return { operation: asked, ...subjectOf(config.subject || (type ?? "key"), members, caller) };
}

function subjectOf(
  type: unknown,
  members: Readonly<Record<string, unknown>>,
  caller: Principal | undefined,
): Pick<Request, "type" | "members"> {
  if (type !== "key" && type !== "user") throw new ConfigError("type", 'msg.payload.type must be "key" or "user".');
  if (members.id !== CALLER) return { type, members };
  if (caller?.kind !== type) throw new ConfigError("id", `No check of this flow let in a ${type} with this message.`);
  return { type, members: { ...members, id: caller.id } };
}
