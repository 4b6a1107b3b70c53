import type { Database, RootDatabase } from "lmdb";
import { StoreError } from "../../lib/errors.ts";
import type { RecordKind } from "../../lib/records.ts";
import { type Marker, newMarker, parseMarker } from "../marker.ts";
import { checkDataFile } from "./data-file.ts";
import { storeFault } from "./faults.ts";
import * as files from "./files.ts";
import { readMarkerFile, writeMarkerFile } from "./marker.ts";

export type Bytes = Uint8Array;
type TextTable = Database<string, Bytes>;
export type BytesTable = Database<Bytes, Bytes>;

/** An open folder: the tables of a store. */
export interface Environment {
  readonly storeId: string;
  readonly dataPath: string;
  /** Holds the marker and the number of the last change. */
  readonly root: RootDatabase<string, Bytes>;
  readonly records: Readonly<Record<RecordKind, TextTable>>;
  /** Id of the key that has a digest. */
  readonly digests: TextTable;
  /** What was changed, by number. */
  readonly changes: TextTable;
  readonly nonces: BytesTable;
  readonly counters: RootDatabase<Bytes, Bytes>;
  /** To be called before a read: what is read is the store as it was in this turn of the event loop, or later. */
  freshen(): void;
}

export interface EnvironmentOptions {
  readonly folder: string;
  readonly now: () => number;
  readonly expectedStoreId: string | undefined;
}

type Lmdb = typeof import("lmdb");

/** @throws StoreError when there is no usable store in the folder, and none may be made. */
export async function openEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const lmdb = await loadLmdb();
  files.makeFolder(options.folder);
  const marker = await examine(options);
  const path = files.dataPath(options.folder);
  files.makeDataFile(path);
  // Without overlapping syncs a commit is on disk before it is seen by anyone, as in plain LMDB.
  const root: RootDatabase<string, Bytes> = lmdb.open({
    path,
    encoding: "string",
    keyEncoding: "binary",
    maxDbs: 8,
    overlappingSync: false,
  });
  try {
    const { storeId } = settleMarker(options, root, marker);
    const counters = openCounters(lmdb, options.folder);
    return { storeId, dataPath: path, root, counters, ...openTables(root), freshen: freshener(root) };
  } catch (error) {
    await root.close();
    throw error;
  }
}

/**
 * LMDB's view of the data would otherwise be up to a millisecond older. A new view costs as much as three reads, so the
 * requests of one turn of the event loop share one.
 */
function freshener(root: RootDatabase<string, Bytes>): () => void {
  let fresh = false;
  const age = () => {
    fresh = false;
  };
  return () => {
    if (fresh) return;
    root.resetReadTxn();
    fresh = true;
    setImmediate(age);
  };
}

export async function closeEnvironment({ root, counters }: Environment): Promise<void> {
  await root.close();
  await counters.close();
}

async function loadLmdb(): Promise<Lmdb> {
  try {
    return await import("lmdb");
  } catch (error) {
    throw new StoreError("unreachable", "The embedded store does not work on this system: lmdb cannot be loaded.", {
      cause: error,
    });
  }
}

/** Judges what is in the folder before anything is written there. */
async function examine({ folder, expectedStoreId }: EnvironmentOptions): Promise<Marker | undefined> {
  const marker = readMarkerFile(folder);
  const path = files.dataPath(folder);
  const size = files.sizeOf(path);
  if (size === undefined && (marker !== undefined || expectedStoreId !== undefined)) throw missing(folder);
  if (marker !== undefined) {
    files.tightenFolder(folder);
    checkDataFile(path);
  } else if (size !== undefined && size > 0) {
    await checkUnmarkedFile(path);
  }
  return marker;
}

/** Without a marker another process may be making the store at this moment. */
async function checkUnmarkedFile(path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      checkDataFile(path);
      return;
    } catch (error) {
      if (attempt === 5) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const markerKey = Buffer.from("store");

/** The marker that data and folder agree on; written where it is not yet. */
function settleMarker(
  options: EnvironmentOptions,
  root: RootDatabase<string, Bytes>,
  beside: Marker | undefined,
): Marker {
  const { folder, expectedStoreId } = options;
  const mayBegin = beside === undefined && expectedStoreId === undefined;
  const within = root.transactionSync(() => readOrBegin(root, mayBegin, options.now()));
  if (within === undefined) throw new StoreError("damaged", `There is no store in the data in ${folder}.`);
  if (beside !== undefined && beside.storeId !== within.storeId) {
    throw new StoreError("damaged", `The data in ${folder} belong to another store than its marker.`);
  }
  if (expectedStoreId !== undefined && expectedStoreId !== within.storeId) throw missing(folder);
  if (beside === undefined) writeMarkerFile(folder, within);
  return within;
}

function readOrBegin(root: RootDatabase<string, Bytes>, mayBegin: boolean, now: number): Marker | undefined {
  const text = root.get(markerKey);
  if (text !== undefined) return parseMarker(text);
  // Tables without a marker are the remains of a store, not a new one.
  if (!mayBegin || !isEmpty(root)) return undefined;
  const marker = newMarker(now);
  root.putSync(markerKey, JSON.stringify(marker));
  return marker;
}

function isEmpty(root: RootDatabase<string, Bytes>): boolean {
  return root.getKeysCount({ limit: 1 }) === 0;
}

function openTables(
  root: RootDatabase<string, Bytes>,
): Pick<Environment, "records" | "digests" | "changes" | "nonces"> {
  const table = (name: string): TextTable => root.openDB(name, { encoding: "string", keyEncoding: "binary" });
  return {
    records: { key: table("keys"), user: table("users") },
    digests: table("digests"),
    changes: table("changes"),
    nonces: root.openDB("nonces", { encoding: "binary", keyEncoding: "binary" }),
  };
}

function openCounters(lmdb: Lmdb, folder: string): RootDatabase<Bytes, Bytes> {
  const file = files.countersFile(folder);
  files.removeOldCounters(folder, file);
  // Counters can be begun anew, so damage is no reason to let nobody through.
  if ((files.sizeOf(file.path) ?? 0) > 0 && !isSoundFile(file.path)) files.removeDataFile(file.path);
  files.makeDataFile(file.path);
  // Without `overlappingSync: false`, an opener after a kill may go back to an older state that others still build on.
  const durability = { overlappingSync: false, ...(!file.flushed && { noSync: true }) };
  return lmdb.open({ path: file.path, encoding: "binary", keyEncoding: "binary", ...durability });
}

function isSoundFile(path: string): boolean {
  try {
    checkDataFile(path);
    return true;
  } catch {
    return false;
  }
}

function missing(folder: string): StoreError {
  return new StoreError("missing", `The store that was in ${folder} is gone. Restore it from a backup.`);
}

/** Runs `action` in a transaction: all of it happens or nothing, and what it wrote is on disk once this resolves. */
export async function write<T>({ root }: Environment, action: () => T): Promise<T> {
  try {
    return await root.childTransaction(action);
  } catch (error) {
    throw storeFault(error);
  }
}
