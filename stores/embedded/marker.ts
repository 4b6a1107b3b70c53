import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Marker, parseMarker } from "../marker.ts";

const fileName = "STORE.json";

/** The marker beside the data; undefined when there is none. */
export function readMarkerFile(folder: string): Marker | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, fileName), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return parseMarker(text);
}

/** Writes the marker beside the data: whole or not at all, and on disk when this returns. */
export function writeMarkerFile(folder: string, marker: Marker): void {
  const path = join(folder, fileName);
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(temporary, `${JSON.stringify(marker)}\n`, { mode: 0o600, flag: "wx", flush: true });
  renameSync(temporary, path);
  syncFolder(folder);
}

function syncFolder(folder: string): void {
  // Windows cannot open a folder, and writes the entry through.
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
