import type { Bodies } from "../../lib/admin/bodies.ts";
import type { Awaitable } from "../../lib/check.ts";
import { type Changed, type ChangeRequest, change } from "../../lib/lifecycle/change.ts";
import type { RecordKind, RecordMap } from "../../lib/records.ts";
import type { Handles } from "./handles.ts";
import { problem, type Reply } from "./reply.ts";
import type { Call, StoreCall } from "./route.ts";

interface AuditEvent {
  readonly event: string;
  readonly store?: string;
  readonly id?: string;
  readonly version?: number;
  readonly [detail: string]: unknown;
}

/** What the routes need besides the request. */
export interface Services {
  readonly bodies: Bodies;
  readonly handles: Handles;
  readonly now: () => number;
  /** Takes its turn; rejects with an `OverloadError`. */
  readonly hashPassword: (password: string) => Promise<string>;
  /** Writes a line of the audit trail. Holds no secret. */
  readonly audit: (event: AuditEvent, call: Call<unknown>) => void;
}

/** Runs a handler with the store that the path names. */
export function onStore<B>(handles: Handles, run: (call: StoreCall<B>) => Awaitable<Reply>) {
  return (call: Call<B>): Awaitable<Reply> => {
    const handle = handles.find(call.param("store"));
    if (!handle) return problem(404, "No such key store is deployed and started.");
    if (!handle.store) return problem(503, handle.fault ?? "The key store cannot work.");
    return run({ ...call, handle, store: handle.store });
  };
}

/** As `onStore`, for a change: entries of the dialog cannot be changed here. */
export function onWritableStore<B>(handles: Handles, run: (call: StoreCall<B>) => Awaitable<Reply>) {
  return onStore<B>(handles, (call) => {
    if (call.handle.backend !== "credentials") return run(call);
    return problem(409, "This store's keys and users are typed in its dialog and deployed; change them there.");
  });
}

export interface Asked<K extends RecordKind>
  extends Pick<ChangeRequest<K>, "kind" | "id" | "transition" | "evenIfRevoked"> {
  readonly event: string;
  readonly view: (record: RecordMap[K]) => Reply;
}

/** Changes a record of the store, writes the audit trail, and answers with what the record is now. */
export async function changeRecord<K extends RecordKind>(
  services: Services,
  call: StoreCall<{ readonly version?: number | undefined } | undefined>,
  { event, view, ...asked }: Asked<K>,
): Promise<Reply> {
  const expectedVersion = call.ifMatch ?? call.body?.version;
  const changed = await change(call.store, { ...asked, expectedVersion });
  if (changed.outcome === "changed") {
    const { id, version } = changed.record;
    services.audit({ event, store: call.handle.id, id, version }, call);
  }
  return "record" in changed ? view(changed.record) : refusal(changed.outcome, call.ifMatch !== undefined);
}

function refusal(outcome: Exclude<Changed<unknown>["outcome"], "changed" | "unchanged">, hasIfMatch: boolean): Reply {
  if (outcome === "missing") return notThere;
  if (outcome === "revoked") return problem(409, "It is revoked, and stays so.");
  return problem(hasIfMatch ? 412 : 409, "Somebody else changed it meanwhile; read it again.");
}

export const notThere: Reply = problem(404, "The store holds nothing of this id.");
