import { StoreError, type StoreFault } from "../../lib/errors.ts";

/** Result codes of LMDB that say more than "it did not work" (lmdb.h, "Return Codes"). */
const faultOfCode: ReadonlyMap<unknown, StoreFault> = new Map([
  [-30_797, "damaged"], // MDB_PAGE_NOTFOUND
  [-30_796, "damaged"], // MDB_CORRUPTED
  [-30_795, "damaged"], // MDB_PANIC
  [-30_794, "unknown-version"], // MDB_VERSION_MISMATCH
  [-30_793, "damaged"], // MDB_INVALID
]);

/** What went wrong in LMDB or the file system, as a fault of the store. A mistake of the caller stays what it is. */
export function storeFault(error: unknown): unknown {
  if (error instanceof StoreError || error instanceof RangeError || error instanceof TypeError) return error;
  quietCommitError(error);
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return new StoreError(faultOfCode.get(code) ?? "unreachable", `The embedded store failed: ${message}`, {
    cause: error,
  });
}

/** A failed commit carries a second promise with its cause, whose rejection would end the process if nobody listened. */
function quietCommitError(error: unknown): void {
  const { commitError } = error as { readonly commitError?: Promise<unknown> };
  commitError?.catch(() => undefined);
}
