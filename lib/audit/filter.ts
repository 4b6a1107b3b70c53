import type { AuditEvent, AuditResult } from "./event.ts";

export interface FilterOptions {
  readonly results: readonly AuditResult[];
  /** Only events with one of these; none means any. */
  readonly reasons: readonly string[];
  /** Only of this node; empty for any. */
  readonly node: string;
  /** Only of this store; empty for any. */
  readonly store: string;
}

/** Which events somebody wants to hear of. */
export function eventFilter({ results, reasons, node, store }: FilterOptions): (event: AuditEvent) => boolean {
  const wanted = new Set(results);
  const words = new Set(reasons);
  return (event) => {
    if (!wanted.has(event.result)) return false;
    if (node !== "" && event.node !== node) return false;
    if (store !== "" && event.store !== store) return false;
    return words.size === 0 || (event.reason !== undefined && words.has(event.reason));
  };
}
