import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StoreError } from "../../lib/errors.ts";

const format = "gatehouse-store";
const version = 1;

/** What says that a folder holds a store, and which: once in the data, once beside them. */
export interface Marker {
  readonly format: typeof format;
  readonly version: typeof version;
  readonly storeId: string;
  readonly createdAt: number;
}

export function newMarker(createdAt: number): Marker {
  return { format, version, storeId: randomBytes(16).toString("base64url"), createdAt };
}

/** @throws StoreError "damaged" when `text` is no marker, "unknown-version" when another version wrote it. */
export function parseMarker(text: string): Marker {
  const marker = parse(text);
  if (marker?.format !== format || !Number.isSafeInteger(marker.version)) throw damaged();
  if (marker.version !== version) {
    throw new StoreError("unknown-version", `The store has format version ${marker.version}; known is ${version}.`);
  }
  if (typeof marker.storeId !== "string" || !/^[\w-]{22}$/.test(marker.storeId)) throw damaged();
  if (typeof marker.createdAt !== "number") throw damaged();
  return marker as unknown as Marker;
}

function parse(text: string): Record<string, unknown> | null | undefined {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged();
  }
}

function damaged(): StoreError {
  return new StoreError("damaged", "The marker of the store is damaged.");
}

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
