import { OverloadError, StoreError, type StoreFault } from "../../lib/errors.ts";

/** By the first word of the server's answer, or the second after this package's own first. */
const faults: ReadonlyMap<string, readonly [StoreFault, string]> = new Map([
  ["missing", ["missing", "The store that was in Redis is gone, and no other is begun in its place by itself."]],
  ["headless", ["damaged", "Redis holds remains of a store without its marker."]],
  ["damaged", ["damaged", "A record in Redis is not usable: it is no JSON."]],
  ["WRONGTYPE", ["damaged", "Redis holds something else under a name of the store."]],
  ["WRONGPASS", ["unreachable", "Redis does not accept the user name or password."]],
  ["NOAUTH", ["unreachable", "Redis wants a password."]],
  ["NOPERM", ["unreachable", "The user's rights in Redis do not suffice."]],
  ["READONLY", ["unreachable", "Redis is a read-only copy here: connect to the primary."]],
  ["OOM", ["unreachable", "Redis has reached its maxmemory."]],
  ["NOPROTO", ["unreachable", "Redis is too old: version 6 or later is needed."]],
]);

/** What went wrong with Redis, as a fault of the store. A mistake of the caller stays what it is. */
export function storeFault(error: unknown): Error {
  if (error instanceof StoreError || error instanceof RangeError || error instanceof TypeError) return error;
  const text = messageOf(error);
  if (text === "The queue is full") return new OverloadError("Too many questions to Redis are open.", 1);
  const [first = "", second = ""] = text.split(" ", 2);
  const [code, message] = faults.get(first === "GATEHOUSE" ? second : first) ?? [];
  return new StoreError(code ?? "unreachable", message ?? `Redis cannot be reached: ${text}`, { cause: error });
}

/** A failed connection to a name with several addresses has a code and no message. */
function messageOf(error: unknown): string {
  const { message, code } = error as { readonly message?: unknown; readonly code?: unknown };
  return String(message || code || "it is not known why");
}
