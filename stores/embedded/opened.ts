import { realpathSync } from "node:fs";
import { StoreError } from "../../lib/errors.ts";
import type { Change } from "../../lib/store.ts";
import { type Changes, watchChanges } from "./changes.ts";
import type { NonceCount } from "./counters.ts";
import { closeEnvironment, type Environment, type EnvironmentOptions, openEnvironment } from "./environment.ts";
import { storeFault } from "./faults.ts";
import { makeFolder } from "./files.ts";
import { type RecordCache, recordCache } from "./records.ts";
import { startSweep, sweeper } from "./sweep.ts";

/** An open folder, with what all stores of this process on it share. */
export interface Opened {
  readonly environment: Environment;
  readonly cache: RecordCache;
  readonly changes: Changes;
  readonly nonces: NonceCount;
  /** Gives it back. The last one to do so closes it. */
  release(): Promise<void>;
}

interface Folder {
  holders: number;
  readonly opened: Promise<Opened>;
}

/** By real path. LMDB must not open a file twice in a process, and closing it for one would close it for all. */
const folders = new Map<string, Folder>();
const closing = new Map<string, Promise<void>>();

/**
 * Opens the folder, or joins those who have it open.
 * @throws StoreError with the reason why it cannot be used.
 */
export async function acquire(options: EnvironmentOptions, onChange: (change: Change) => void): Promise<Opened> {
  try {
    const shared = await hold(options);
    const unsubscribe = shared.changes.subscribe(onChange);
    const release = () => {
      unsubscribe();
      return shared.release();
    };
    return { ...shared, release };
  } catch (error) {
    throw storeFault(error);
  }
}

async function hold(options: EnvironmentOptions): Promise<Opened> {
  makeFolder(options.folder);
  const path = realpathSync(options.folder);
  while (closing.has(path)) await closing.get(path);
  const folder = folders.get(path) ?? begin(path, options);
  folder.holders += 1;
  const opened = await folder.opened;
  if (options.expectedStoreId !== undefined && options.expectedStoreId !== opened.environment.storeId) {
    await opened.release();
    throw new StoreError("missing", `The store that was in ${options.folder} is gone: another is in its place.`);
  }
  return opened;
}

function begin(path: string, options: EnvironmentOptions): Folder {
  const folder: Folder = { holders: 0, opened: open(path, { ...options, folder: path }) };
  folders.set(path, folder);
  folder.opened.catch(() => folders.delete(path));
  return folder;
}

async function open(path: string, options: EnvironmentOptions): Promise<Opened> {
  const environment = await openEnvironment(options);
  const changes = watchChanges(environment);
  const nonces: NonceCount = { live: 0 };
  const stopSweep = startSweep(sweeper(environment, nonces, options.now));
  const close = async () => {
    stopSweep();
    changes.close();
    await closeEnvironment(environment).finally(() => closing.delete(path));
  };
  return { environment, cache: recordCache(), changes, nonces, release: () => releaseFolder(path, close) };
}

async function releaseFolder(path: string, close: () => Promise<void>): Promise<void> {
  const folder = folders.get(path);
  if (folder === undefined) return;
  folder.holders -= 1;
  if (folder.holders > 0) return;
  folders.delete(path);
  const closed = close();
  closing.set(path, closed);
  await closed;
}
