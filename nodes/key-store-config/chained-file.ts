import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { chainLine, chainStart, type Link } from "../../lib/audit/chain.ts";
import type { AuditEvent } from "../../lib/audit/event.ts";
import { chainEnd } from "../../lib/audit/tail.ts";
import { endOf, endOfLastAside, putAside } from "./files-aside.ts";

export interface ChainedFileOptions {
  readonly path: string;
  /** A file that has become larger is put aside. */
  readonly maxBytes: number;
  /** Files put aside that are kept. */
  readonly keep: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How many of the events were written, from the first; fewer than all where something broke. */
export interface Appended {
  readonly written: number;
  readonly error?: Error;
}

export interface ChainedFile {
  append(events: readonly AuditEvent[]): Promise<Appended>;
  close(): Promise<void>;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
  readonly day: string;
  size: number;
}

interface Writer extends ChainedFileOptions {
  file: OpenFile | undefined;
  link: Link;
}

const MODE = 0o600;

/**
 * Lines of the audit trail in a file, chained across restarts and across the files that are put aside by size and by
 * day (UTC). What others do to the file shows when the chain is verified. One call at a time.
 */
export function chainedFile(options: ChainedFileOptions): ChainedFile {
  const writer: Writer = { ...options, file: undefined, link: chainStart };
  return {
    async append(events) {
      try {
        const file = await ready(writer);
        return events.length === 0 ? { written: 0 } : await write(writer, file, events);
      } catch (error) {
        await close(writer);
        return { written: 0, error: error as Error };
      }
    },
    close: () => close(writer),
  };
}

/** The file as it was left; opened anew when it is not, and put aside when it is full or of another day. */
async function ready(writer: Writer): Promise<OpenFile> {
  const { path, maxBytes, keep, now } = writer;
  const file = writer.file && (await isAsLeft(path, writer.file)) ? writer.file : await openAnew(writer);
  if (file.size < maxBytes && file.day === dayOf(now())) return file;
  const previous = await putAside(path, file.day, writer.link.seq, keep);
  return openAnew(writer, { previous });
}

async function isAsLeft(path: string, { inode, size }: OpenFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.ino === inode && found.size === size;
}

async function openAnew(writer: Writer, about: Readonly<Record<string, string>> = {}): Promise<OpenFile> {
  await close(writer);
  await mkdir(dirname(writer.path), { recursive: true, mode: 0o700 });
  const handle = await open(writer.path, "a+", MODE);
  try {
    const { size, ino, mtimeMs } = await regular(handle);
    await handle.chmod(MODE);
    const file: OpenFile = { handle, inode: ino, size, day: dayOf(size > 0 ? mtimeMs : writer.now()) };
    await begin(writer, file, about);
    writer.file = file;
    return file;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function regular(handle: FileHandle) {
  const found = await handle.stat();
  if (!found.isFile()) throw new Error("the audit trail goes into a regular file only");
  return found;
}

/** Says in the file that somebody writes from here on. */
async function begin(writer: Writer, file: OpenFile, about: Readonly<Record<string, string>>): Promise<void> {
  const isNew = file.size === 0;
  const end = chainEnd(isNew ? await endOfLastAside(writer.path) : await endOf(file.handle, file.size), writer.link);
  const time = new Date(writer.now()).toISOString();
  const start: AuditEvent = { time, event: "audit.start", result: "noted", ...about };
  const { line, link } = chainLine(end.torn ? { ...start, torn: true } : start, end.link);
  const text = `${end.open && !isNew ? "\n" : ""}${line}\n`;
  await file.handle.appendFile(text);
  file.size += Buffer.byteLength(text);
  writer.link = link;
}

async function write(writer: Writer, file: OpenFile, events: readonly AuditEvent[]): Promise<Appended> {
  const links: Link[] = [];
  const ends: number[] = [];
  let text = "";
  for (const event of events) {
    const { line, link } = chainLine(event, links.at(-1) ?? writer.link);
    text += `${line}\n`;
    links.push(link);
    ends.push((ends.at(-1) ?? 0) + Buffer.byteLength(line) + 1);
  }
  const error = await file.handle.appendFile(text).then(
    () => undefined,
    (reason: Error) => reason,
  );
  // A full disk may have taken a part: what is whole counts, and the next start is chained to the rest.
  const bytes = error ? (await file.handle.stat()).size - file.size : Number.POSITIVE_INFINITY;
  const written = ends.filter((end) => end <= bytes).length;
  writer.link = links[written - 1] ?? writer.link;
  if (!error) {
    file.size += ends.at(-1) ?? 0;
    return { written };
  }
  await close(writer);
  return { written, error };
}

async function close(writer: Writer): Promise<void> {
  const { file } = writer;
  writer.file = undefined;
  await file?.handle.close().catch(() => undefined);
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
