import type { Node, NodeAPI, NodeDef } from "node-red";
import { clientAddress } from "../../lib/net/client-address.ts";
import { compileRanges } from "../../lib/net/ip-range.ts";
import type { NetworkNode, ResolveAddress } from "../shared/config-nodes.ts";
import { noteSettings } from "../shared/settings-trail.ts";
import type { NetworkConfig } from "./config.ts";

type Definition = NodeDef & NetworkConfig;

export default function networkConfig(RED: NodeAPI): void {
  RED.nodes.registerType("network-config", function (this: Node, config: Definition) {
    RED.nodes.createNode(this, config);
    const offered: Pick<NetworkNode, "clientAddress" | "fault"> = resolverOf(config);
    if (offered.fault !== undefined) this.error(offered.fault);
    Object.assign(this, offered);
    noteSettings(this, config, undefined);
  });
}

function resolverOf(config: Definition): { clientAddress: ResolveAddress | undefined; fault: string | undefined } {
  try {
    const trusted = compileRanges(config.trusted.split("\n"), { refuseEverything: true, option: "trusted" });
    return {
      clientAddress: clientAddress({
        trusted,
        header: config.header,
        trustedWithoutHeader: config.withoutHeader,
        allTrusted: config.allTrusted,
      }),
      fault: undefined,
    };
  } catch (error) {
    return { clientAddress: undefined, fault: (error as Error).message };
  }
}
