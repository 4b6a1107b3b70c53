import type { NodeAPI, NodeDef } from "node-red";
import { permission } from "../../lib/checks/permission.ts";
import type { PermissionRule } from "../../lib/permission/rule.ts";
import { registerCheckNode } from "../shared/check-node.ts";
import type { PermissionCheckConfig, RuleEntry } from "./config.ts";

export default function permissionCheck(RED: NodeAPI): void {
  registerCheckNode<NodeDef & PermissionCheckConfig>(RED, "permission-check", ({ rules, timeZone }) => ({
    check: permission({ rules: rules.map(ruleOf), timeZone: timeZone.trim(), now: Date.now }),
  }));
}

function ruleOf({ environment, caller, days, from, to, ...rule }: RuleEntry): PermissionRule {
  const isTimed = days.length > 0 || from !== "" || to !== "";
  return {
    ...rule,
    environment: environment || undefined,
    caller: caller || undefined,
    hours: isTimed ? { days, from: from || "00:00", to: to || "24:00" } : undefined,
  };
}
