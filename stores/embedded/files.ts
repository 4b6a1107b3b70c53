import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** LMDB keeps its table of readers beside the data. */
const lockSuffix = "-lock";

export function dataPath(folder: string): string {
  return join(folder, "gatehouse.mdb");
}

/** Size in bytes, undefined when there is no such file. */
export function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** A new folder is the owner's alone. Those above it get what the umask says. */
export function makeFolder(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** For the folder of a store that has been here before, and came back from a backup perhaps. */
export function tightenFolder(folder: string): void {
  tighten(folder, 0o700);
}

/**
 * Makes what LMDB needs before it does so itself: its mode would be 0664 less the umask. What exists is kept, closed to
 * others, and not opened: to close a file again would end all locks that this process has on it (POSIX, fcntl).
 */
export function makeDataFile(path: string): void {
  for (const file of [path, `${path}${lockSuffix}`]) {
    if (sizeOf(file) === undefined) closeSync(openSync(file, "a", 0o600));
    tighten(file, 0o600);
  }
}

export function removeDataFile(path: string): void {
  for (const file of [path, `${path}${lockSuffix}`]) rmSync(file, { force: true });
}

function tighten(path: string, mode: number): void {
  try {
    if ((statSync(path).mode & 0o777) !== mode) chmodSync(path, mode);
  } catch (error) {
    // Some mounts know no modes; then the mount's own say who may read.
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EPERM", "ENOSYS", "ENOTSUP"].includes(code)) throw error;
  }
}

export interface CountersFile {
  readonly path: string;
  /** Whether each commit must be flushed, as nothing tells a file of before a crash of the machine from one of after. */
  readonly flushed: boolean;
}

/**
 * Counters are written for each request and need not outlive the machine's next start, so where the start can be told
 * by a name each has its own file, never flushed: what a power failure leaves half written is never opened again.
 */
export function countersFile(folder: string): CountersFile {
  const boot = bootId();
  return boot === undefined
    ? { path: join(folder, "counters.mdb"), flushed: true }
    : { path: join(folder, `counters-${boot}.mdb`), flushed: false };
}

function bootId(): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const id = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return /^[0-9a-f-]{36}$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the counters of earlier starts of the machine. */
export function removeOldCounters(folder: string, current: CountersFile): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (/^counters-[0-9a-f-]{36}\.mdb$/.test(name) && path !== current.path) removeDataFile(path);
  }
}
