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
import type { BasicAuthCheckConfig } from "./config.ts";

const t = translator("basic-auth-check");

RED.nodes.registerType<BasicAuthCheckConfig>("basic-auth-check", {
  category: "gatehouse",
  categoryDescription: t("shared.category"),
  color: "#A9C3BA",
  icon: "basic-auth-check.svg",
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
    accept: { value: "users-and-keys" },
    scopes: { value: [], validate: (scopes: string[], _options) => judgeScopes(scopes, t) },
    environment: { value: "" },
    hideCredentials: { value: true },
    observe: { value: false },
  },
  label() {
    return this.name || nodeName(this.store, t("label.node"));
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  oneditprepare() {
    prepareConditions(this);
    prepareStoreState(t);
  },
  oneditsave() {
    this.scopes = scopesFromForm();
  },
});
