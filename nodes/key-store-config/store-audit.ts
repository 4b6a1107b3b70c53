import { resolve } from "node:path";
import type { Node } from "node-red";
import { hear, tellWaiting } from "../shared/audit-trail.ts";
import type { StoreAudit } from "../shared/config-nodes.ts";
import { type AuditFile, auditFile } from "./audit-file.ts";
import type { KeyStoreConfig } from "./config.ts";

/** Files that a store of this process writes to: two writers would break each other's chain. */
const inUse = new Set<string>();

export interface OpenStoreAudit extends StoreAudit {
  close(): Promise<void>;
}

/** Writes what is told of a store, and what is told of none, to the store's file. Undefined where it names no file. */
export function openStoreAudit(
  node: Node,
  config: Partial<KeyStoreConfig>,
  userDir: string,
): OpenStoreAudit | undefined {
  const named = config.auditFile?.trim() ?? "";
  if (named === "") return undefined;
  const required = config.auditRequired === true;
  const path = resolve(userDir, named);
  if (inUse.has(path)) {
    node.error(`another key store writes its audit trail to ${named}; give this one a file of its own`);
    return { required, isWritable: () => false, close: async () => undefined };
  }
  inUse.add(path);
  const file = auditFile({
    path,
    maxBytes: positive(config.auditMegabytes, 10) * 1_000_000,
    keep: positive(config.auditKeep, 10),
    now: Date.now,
    onFault: (error) => node.error(`the audit trail cannot be written to ${named}: ${error.message}`),
    onRecovery: (lost) => node.warn(`the audit trail is written to ${named} again; ${lost} events were lost`),
  });
  return { required, isWritable: file.isWritable, close: listen(node.id, file, () => inUse.delete(path)) };
}

/** Returns what ends it. */
function listen(store: string, file: AuditFile, ended: () => void): () => Promise<void> {
  const forget = hear((entry) => {
    if (entry.event.store === undefined || entry.event.store === store) file.write(entry);
  });
  return async () => {
    tellWaiting();
    forget();
    await file.close();
    ended();
  };
}

function positive(value: unknown, otherwise: number): number {
  const number = Math.trunc(Number(value));
  return number >= 1 ? number : otherwise;
}
