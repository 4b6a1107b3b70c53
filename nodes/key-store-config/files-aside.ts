import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const TAIL_BYTES = 4096;

/** Renames a file to `NAME.DAY-SEQ`, and removes the oldest of those beyond `keep`. Returns the new name. */
export async function putAside(path: string, day: string, seq: number, keep: number): Promise<string> {
  const folder = dirname(path);
  const name = `${basename(path)}.${day.replaceAll("-", "")}-${String(seq).padStart(12, "0")}`;
  await rename(path, join(folder, name));
  const asides = await listAsides(path);
  for (const old of asides.slice(0, Math.max(0, asides.length - keep))) await rm(join(folder, old));
  return name;
}

/** The end of the file that was put aside last; empty where there is none. */
export async function endOfLastAside(path: string): Promise<string> {
  const last = (await listAsides(path)).at(-1);
  if (last === undefined) return "";
  const handle = await open(join(dirname(path), last), "r");
  try {
    return await endOf(handle, (await handle.stat()).size);
  } finally {
    await handle.close();
  }
}

/** The last 4 KiB of a file of that size: more than one line. */
export async function endOf(handle: FileHandle, size: number): Promise<string> {
  const length = Math.min(size, TAIL_BYTES);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString("utf8", 0, bytesRead);
}

/** By the number of their last line. */
async function listAsides(path: string): Promise<readonly string[]> {
  const start = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(start) && /^\d{8}-\d{12}$/.test(name.slice(start.length)))
    .sort((one, other) => Number(one.slice(-12)) - Number(other.slice(-12)));
}
