import type { NodeAPI, NodeDef } from "node-red";
import { basicAuth } from "../../lib/checks/basic-auth.ts";
import { registerCheckNode } from "../shared/check-node.ts";
import { addressResolverOf, keyringOf } from "../shared/config-nodes.ts";
import { requirementsOf } from "../shared/requirements.ts";
import type { BasicAuthCheckConfig } from "./config.ts";

export default function basicAuthCheck(RED: NodeAPI): void {
  registerCheckNode<NodeDef & BasicAuthCheckConfig>(
    RED,
    "basic-auth-check",
    (config) => ({
      check: basicAuth({
        keyring: keyringOf(RED, config.store),
        realm: config.realm,
        accept: config.accept,
        requirements: requirementsOf(config),
        clientAddress: addressResolverOf(RED, config.network),
      }),
    }),
    () => [{ in: "header", name: "authorization" }],
  );
}
