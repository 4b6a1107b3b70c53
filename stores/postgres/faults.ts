import { StoreError, type StoreFault } from "../../lib/errors.ts";

/** PostgreSQL's error codes (its manual, appendix A) that say more than "it did not work". */
const faultOfCode: ReadonlyMap<string, StoreFault> = new Map([
  ["25006", "read-only"], // read_only_sql_transaction: a standby, or a server set so
  ["0A000", "read-only"], // feature_not_supported: counters are not there on a standby
  ["42P01", "missing"], // undefined_table
  ["3F000", "missing"], // invalid_schema_name
  ["42703", "damaged"], // undefined_column
  ["XX001", "damaged"], // data_corrupted
  ["XX002", "damaged"], // index_corrupted
]);

/** Errors of a value that was to be written. */
const outOfRange: ReadonlySet<string> = new Set(["22008", "22003"]);
const unsuitable: ReadonlySet<string> = new Set(["23514", "23502", "22P05", "22021"]);

interface ServerError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly severity?: unknown;
}

/** What went wrong, as a fault of the store. Neither the cause nor its details are handed on: they hold rows. */
export function asFault(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = error as ServerError;
  const said = `The PostgreSQL store failed: ${message}${code === undefined ? "" : ` (${code})`}`;
  return new StoreError(faultOfCode.get(String(code)) ?? "unreachable", said);
}

/** The same for a question, which may have been at fault itself. */
export function asAnswer(error: unknown, writes: boolean): Error {
  const { code, message } = error as ServerError;
  if (outOfRange.has(String(code))) return new RangeError(`This cannot be stored: ${message}`);
  if (unsuitable.has(String(code))) return new TypeError(`This cannot be stored: ${message}`);
  const fault = asFault(error);
  return code === "42501" && writes ? new StoreError("read-only", fault.message) : fault; // insufficient_privilege
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as ServerError).code as string);
}

/** Whether the connection can no longer be used: what a server answered with has a severity, and leaves it usable. */
export function isLost(error: unknown): boolean {
  const { code, severity } = error as ServerError;
  return severity === undefined || /^(?:08|57P|28|53300)/.test(String(code));
}
