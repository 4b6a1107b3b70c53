import {
  judgeOptionalNode,
  judgeRealm,
  judgeScopes,
  judgeStore,
  prepareConditions,
  scopesFromForm,
} from "../shared/editor/fields.ts";
import { nodeName } from "../shared/editor/label.ts";
import { prepareStoreState } from "../shared/editor/store-state.ts";
import { translator } from "../shared/editor/text.ts";
import { carriersFromForm, judgeCarriers, prepareCarriers } from "./carrier-list.editor.ts";
import type { XAuthTokenCheckConfig } from "./config.ts";

const t = translator("x-auth-token-check");

RED.nodes.registerType<XAuthTokenCheckConfig>("x-auth-token-check", {
  category: "gatehouse",
  categoryDescription: t("shared.category"),
  color: "#A9C3BA",
  icon: "x-auth-token-check.svg",
  paletteLabel: () => t("label.palette"),
  inputs: 1,
  outputs: 2,
  outputLabels: (index) => t(index === 0 ? "shared.output.accepted" : "shared.output.rejected"),
  defaults: {
    name: { value: "" },
    version: { value: 1 },
    store: { value: "", type: "key-store-config", validate: (id: string, _options) => judgeStore(id, t) },
    network: { value: "", type: "network-config", validate: (id: string, _options) => judgeOptionalNode(id, t) },
    realm: { value: "API", validate: (realm: string, _options) => judgeRealm(realm, t) },
    carriers: {
      value: [{ in: "header", name: "x-auth-token", scheme: "" }],
      validate: (carriers: unknown, _options) => judgeCarriers(carriers, t),
    },
    scopes: { value: [], validate: (scopes: string[], _options) => judgeScopes(scopes, t) },
    environment: { value: "" },
    hideCredentials: { value: true },
    observe: { value: false },
  },
  label() {
    return this.name || nodeName(this.store, this.carriers?.[0]?.name ?? t("label.node"));
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  oneditprepare() {
    prepareConditions(this);
    prepareStoreState(t);
    prepareCarriers(this.carriers ?? [], t);
  },
  oneditsave() {
    this.scopes = scopesFromForm();
    this.carriers = carriersFromForm();
  },
});
