import { judgeOptionalNode, prepareObserve } from "../shared/editor/fields.ts";
import { judgeListSource, prepareListSource } from "../shared/editor/list-source.ts";
import { listEntries } from "../shared/editor/ranges.ts";
import { translator } from "../shared/editor/text.ts";
import type { IpAllowlistConfig } from "./config.ts";

const t = translator("ip-allowlist");

RED.nodes.registerType<IpAllowlistConfig>("ip-allowlist", {
  category: "gatehouse",
  categoryDescription: t("shared.category"),
  color: "#A9C3BA",
  icon: "ip-allowlist.svg",
  paletteLabel: () => t("label.palette"),
  inputs: 1,
  outputs: 2,
  outputLabels: (index) => t(index === 0 ? "shared.output.accepted" : "shared.output.rejected"),
  defaults: {
    name: { value: "" },
    version: { value: 1 },
    network: { value: "", type: "network-config", validate: (id: string, _options) => judgeOptionalNode(id, t) },
    allow: {
      value: "",
      validate(allow: string, _options) {
        if (allow.trim() === "") return t("error.empty");
        return judgeListSource("allow", allow, this.allowType, t("label.allow"), t);
      },
    },
    allowType: { value: "list" },
    except: {
      value: "",
      validate(except: string, _options) {
        return judgeListSource("except", except, this.exceptType, t("label.except"), t);
      },
    },
    exceptType: { value: "list" },
    observe: { value: false },
  },
  label() {
    return this.name || describe(this);
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  oneditprepare() {
    prepareListSource("allow", t);
    prepareListSource("except", t);
    prepareObserve();
  },
});

function describe({ allow, allowType }: IpAllowlistConfig): string {
  if (allowType !== "list") return t("label.from", { source: allow });
  const [first, ...others] = listEntries(allow);
  if (first === undefined) return t("label.node");
  return others.length === 0 ? first : t("label.andMore", { first, count: others.length });
}
