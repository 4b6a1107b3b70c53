import type { NodeAPI, NodeDef } from "node-red";
import { basicAuth } from "../../lib/checks/basic-auth.ts";
import { formatBasic } from "../../lib/http/authorization.ts";
import type { Keyring } from "../../lib/keyring.ts";
import { registerCheckNode } from "../shared/check-node.ts";
import { addressResolverOf, keyringOf, rehearsalKeyringOf } from "../shared/config-nodes.ts";
import type { Present } from "../shared/deployed-checks.ts";
import { requirementsOf } from "../shared/requirements.ts";
import type { BasicAuthCheckConfig } from "./config.ts";

export default function basicAuthCheck(RED: NodeAPI): void {
  registerCheckNode<NodeDef & BasicAuthCheckConfig>(
    RED,
    "basic-auth-check",
    (config) => {
      const checkWith = (keyring: Keyring) =>
        basicAuth({
          keyring,
          realm: config.realm,
          accept: config.accept,
          requirements: requirementsOf(config),
          clientAddress: addressResolverOf(RED, config.network),
        });
      return {
        check: checkWith(keyringOf(RED, config.store)),
        rehearse: (note) => checkWith(rehearsalKeyringOf(RED, config.store, note)),
        present,
      };
    },
    () => [{ in: "header", name: "authorization" }],
  );
}

/** A key is the password of any user name. */
const present: Present = (credential) => {
  const { user, password } = "key" in credential ? { user: "key", password: credential.key } : credential;
  return ["authorization", formatBasic(user, password)];
};
