import type { NodeAPI, NodeDef } from "node-red";
import { token } from "../../lib/checks/token.ts";
import type { Keyring } from "../../lib/keyring.ts";
import { registerCheckNode } from "../shared/check-node.ts";
import { addressResolverOf, keyringOf, rehearsalKeyringOf } from "../shared/config-nodes.ts";
import { requirementsOf } from "../shared/requirements.ts";
import type { TokenCarrier, XAuthTokenCheckConfig } from "./config.ts";

export default function xAuthTokenCheck(RED: NodeAPI): void {
  registerCheckNode<NodeDef & XAuthTokenCheckConfig>(
    RED,
    "x-auth-token-check",
    (config) => {
      const checkWith = (keyring: Keyring) =>
        token({
          keyring,
          carriers: config.carriers,
          realm: config.realm,
          requirements: requirementsOf(config),
          clientAddress: addressResolverOf(RED, config.network),
        });
      return {
        check: checkWith(keyringOf(RED, config.store)),
        rehearse: (note) => checkWith(rehearsalKeyringOf(RED, config.store, note)),
        present: (credential) => ("key" in credential ? presented(config.carriers, credential.key) : undefined),
      };
    },
    ({ carriers }) => carriers.map((carrier) => ({ in: carrier.in, name: fieldOf(carrier) })),
  );
}

/** In the first header that is looked at. */
function presented(carriers: readonly TokenCarrier[], key: string): readonly [string, string] | undefined {
  const carrier = carriers.find((each) => each.in === "header");
  return carrier && [carrier.name, carrier.scheme ? `${carrier.scheme} ${key}` : key];
}

function fieldOf(carrier: { readonly in: string; readonly name: string }): string {
  return carrier.in === "header" ? carrier.name.toLowerCase() : carrier.name;
}
