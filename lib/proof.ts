import type { Awaitable, Reason } from "./check.ts";
import type { KeyRecord, UserRecord } from "./records.ts";

/** A credential either proves a record, or is refused for a reason that only the author of the flow learns. */
export type Proof<R extends KeyRecord | UserRecord> =
  | { readonly record: R; readonly reason?: never; readonly waitMs?: never }
  | {
      readonly record?: never;
      readonly reason: Reason;
      readonly id?: string;
      readonly attempted?: string;
      readonly waitMs?: number;
    };

/** Goes on at once when the value is there already: a cached answer costs no turn of the event loop. */
export function andThen<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
