import type { ChangeContext } from "../lifecycle/context.ts";
import type { RecordKind, RecordMap } from "../records.ts";
import type { Store } from "../store.ts";
import { type Operation, reading } from "./outcome.ts";
import { fail, integer, isObject, object, optional, type Read, type Reader, string } from "./reader.ts";

/** A change of a record, by whoever asks. */
export type Transition<R> = (record: R, context: ChangeContext) => R;

/** A request for one record: the rest is the body that the admin API takes for it. */
export interface Named<R> {
  readonly id: string;
  readonly body: Read<R>;
}

const idLimit = 255;
const defaultLimit = 100;

/** Takes `id` out of a request, and reads the rest as that body. */
export function named<T>(reader: Reader<T>): Reader<{ readonly id: string; readonly body: T }> {
  return (value, pointer, problems) => {
    if (!isObject(value)) return fail(problems, pointer, "must be an object");
    const { id, ...rest } = value;
    const text = string(id, `${pointer}/id`, problems);
    const body = reader(rest, pointer, problems);
    if (text === undefined || body === undefined) return undefined;
    if (text === "" || text.length > idLimit) return fail(problems, `${pointer}/id`, "takes 1 to 255 characters");
    return { id: text, body };
  };
}

const listRequest = object({
  limit: optional(integer(1, 1000)),
  after: optional(string),
  search: optional(string),
});

/** The operation that gives a page of records. */
export function listed<K extends RecordKind>(
  store: Store,
  kind: K,
  view: (record: RecordMap[K], context: ChangeContext) => object,
): Operation {
  return reading(listRequest, async ({ limit = defaultLimit, after, search }, context) => {
    const { items, next } = await store.list(kind, { limit, ...(after && { after }), ...(search && { search }) });
    const views = items.map((record) => view(record, context));
    return { done: true, value: { items: views, ...(next !== undefined && { next }) } };
  });
}
