import { randomBytes } from "node:crypto";
import { StoreError } from "../lib/errors.ts";

const format = "gatehouse-store";
const version = 1;

/** What says that there is a store, and which. */
export interface Marker {
  readonly format: typeof format;
  readonly version: typeof version;
  readonly storeId: string;
  readonly createdAt: number;
  /** The lost store in whose place a person had this one begun. */
  readonly replaces?: string;
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
