import type { KeyObject } from "node:crypto";
import { type Changed, type ChangeRequest, change } from "../lifecycle/change.ts";
import type { ChangeContext } from "../lifecycle/context.ts";
import type { RecordKind, RecordMap } from "../records.ts";
import type { Store } from "../store.ts";
import type { Bodies } from "./bodies.ts";
import { type Problem, parse, problemsText, type Reader } from "./reader.ts";

/** What an operation on a store needs besides its request. */
export interface Administration {
  readonly store: Store;
  /** First part of the keys made here. */
  readonly prefix: string;
  readonly masterKey: KeyObject | undefined;
  readonly bodies: Bodies;
  /** Takes its turn; rejects with an `OverloadError`. */
  readonly hashPassword: (password: string) => Promise<string>;
}

/** An operation done, or why it was not; what breaks is an exception. */
export type Outcome =
  | {
      readonly done: true;
      /** What the caller gets. A new secret is in it once. */
      readonly value: object;
      /** Absent where nothing was changed. */
      readonly changed?: { readonly id: string; readonly version?: number };
    }
  | {
      readonly done: false;
      readonly status: 400 | 404 | 409 | 422 | 503;
      readonly detail: string;
      readonly problems?: readonly Problem[];
    };

/** Runs one operation with the members of its request. */
export type Operation = (request: unknown, context: ChangeContext) => Promise<Outcome>;

/** Not done, and why. */
export function refused(status: 400 | 404 | 409 | 422, detail: string): Outcome {
  return { done: false, status, detail };
}

export const notThere: Outcome = refused(404, "The store holds nothing of this id.");
export const isRevoked: Outcome = refused(409, "It is revoked, and stays so.");

/** Reads the request before the operation sees it; what is wrong is named by member. */
export function reading<T>(reader: Reader<T>, run: (body: T, context: ChangeContext) => Promise<Outcome>): Operation {
  return async (request, context) => {
    const read = parse(reader, request);
    if (read.ok) return run(read.value, context);
    return { done: false, status: 422, detail: problemsText(read.problems), problems: read.problems };
  };
}

/** Stores a new record, and gives what people may see of it. */
export async function putNew<K extends RecordKind>(
  store: Store,
  kind: K,
  record: RecordMap[K],
  value: object,
  taken: string,
): Promise<Outcome> {
  if (!(await store.put(kind, record))) return refused(409, taken);
  return { done: true, value, changed: { id: record.id, version: record.version } };
}

/** Changes a stored record, and gives what people may see of it then. */
export async function changeStored<K extends RecordKind>(
  store: Store,
  request: ChangeRequest<K>,
  view: (record: RecordMap[K]) => object,
): Promise<Outcome> {
  const changed = await change(store, request);
  if (!("record" in changed)) return notChanged(changed.outcome);
  const { id, version } = changed.record;
  const value = view(changed.record);
  return changed.outcome === "changed" ? { done: true, value, changed: { id, version } } : { done: true, value };
}

function notChanged(outcome: Exclude<Changed<unknown>["outcome"], "changed" | "unchanged">): Outcome {
  if (outcome === "missing") return notThere;
  if (outcome === "revoked") return isRevoked;
  return refused(409, "Somebody else changed it meanwhile; read it again.");
}
