import type { Node, NodeAPI, NodeDef } from "node-red";
import { ipAllowlist } from "../../lib/checks/ip-allowlist.ts";
import { type BuiltCheck, registerCheckNode } from "../shared/check-node.ts";
import { addressResolverOf } from "../shared/config-nodes.ts";
import type { StatusReport } from "../shared/node-status.ts";
import type { IpAllowlistConfig } from "./config.ts";
import { type ListContext, type OpenList, openList } from "./list-source.ts";

type Definition = NodeDef & IpAllowlistConfig;

export default function ipAllowlistNode(RED: NodeAPI): void {
  registerCheckNode<Definition>(RED, "ip-allowlist", (config, node, status) => build(RED, config, node, status));
}

function build(RED: NodeAPI, config: Definition, node: Node, status: StatusReport): BuiltCheck {
  const context: ListContext = { RED, node, report: reporter(node, status) };
  const clientAddress = addressResolverOf(RED, config.network);
  const lists: OpenList[] = [];
  const close = () => {
    for (const list of lists) list.close();
  };
  try {
    const allow = openList(config.allowType, config.allow, "allow", context);
    lists.push(allow);
    const except = openList(config.exceptType, config.except, "except", context);
    lists.push(except);
    const check = ipAllowlist({ allow: allow.list, except: except.list, clientAddress });
    return { check, rehearse: () => check, close };
  } catch (error) {
    close();
    throw error;
  }
}

function reporter(node: Node, status: StatusReport): ListContext["report"] {
  return (problem) => {
    if (problem !== undefined) node.error(problem);
    status.problem(problem);
  };
}
