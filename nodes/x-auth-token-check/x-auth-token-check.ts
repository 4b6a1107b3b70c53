import type { NodeAPI, NodeDef } from "node-red";
import { token } from "../../lib/checks/token.ts";
import { registerCheckNode } from "../shared/check-node.ts";
import { addressResolverOf, keyringOf } from "../shared/config-nodes.ts";
import { requirementsOf } from "../shared/requirements.ts";
import type { XAuthTokenCheckConfig } from "./config.ts";

export default function xAuthTokenCheck(RED: NodeAPI): void {
  registerCheckNode<NodeDef & XAuthTokenCheckConfig>(
    RED,
    "x-auth-token-check",
    (config) => ({
      check: token({
        keyring: keyringOf(RED, config.store),
        carriers: config.carriers,
        realm: config.realm,
        requirements: requirementsOf(config),
        clientAddress: addressResolverOf(RED, config.network),
      }),
    }),
    ({ carriers }) => carriers.map((carrier) => ({ in: carrier.in, name: fieldOf(carrier) })),
  );
}

function fieldOf(carrier: { readonly in: string; readonly name: string }): string {
  return carrier.in === "header" ? carrier.name.toLowerCase() : carrier.name;
}
