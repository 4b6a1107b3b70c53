import { field, show } from "../shared/editor/dom.ts";
import type { KeyStoreConfig } from "./config.ts";

/** Shows what belongs to the audit file while one is named. A store of an earlier release has none of these settings. */
export function prepareAudit(node: Partial<KeyStoreConfig>): void {
  const file = field("node-config-input-auditFile");
  const update = () => show(field<HTMLElement>("gatehouse-audit-rows"), file.value.trim() !== "");
  for (const name of ["auditMegabytes", "auditKeep"] as const) {
    if (node[name] === undefined) field(`node-config-input-${name}`).value = "10";
  }
  file.addEventListener("input", update);
  update();
}

/** Whether a field holds a whole number from 1 to `most`. */
export function isWhole(value: unknown, most: number): boolean {
  return /^\d{1,5}$/u.test(String(value)) && Number(value) >= 1 && Number(value) <= most;
}
