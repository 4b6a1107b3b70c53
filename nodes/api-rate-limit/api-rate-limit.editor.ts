import { field, show } from "../shared/editor/dom.ts";
import { isNoNode, judgeOptionalNode, judgeOptionalStore, prepareObserve } from "../shared/editor/fields.ts";
import { translator } from "../shared/editor/text.ts";
import { isTimeZone, ownTimeZone } from "../shared/editor/time-zone.ts";
import type { ApiRateLimitConfig } from "./config.ts";
import { isCalendar, judgeLimits, limitsFromForm, limitText, prepareLimits } from "./limit-list.editor.ts";

const t = translator("api-rate-limit");

RED.nodes.registerType<ApiRateLimitConfig>("api-rate-limit", {
  category: "gatehouse",
  categoryDescription: t("shared.category"),
  color: "#A9C3BA",
  icon: "api-rate-limit.svg",
  paletteLabel: () => t("label.palette"),
  inputs: 1,
  outputs: 2,
  outputLabels: (index) => t(index === 0 ? "shared.output.accepted" : "shared.output.rejected"),
  defaults: {
    name: { value: "" },
    version: { value: 1 },
    countBy: { value: "address" },
    property: {
      value: "",
      validate(property: string, _options) {
        return this.countBy !== "property" || property.trim() !== "" || t("error.property");
      },
    },
    otherwise: { value: "refuse" },
    ownLimit: { value: false },
    limits: {
      value: [{ requests: 100, per: 1, unit: "minute", burst: "" }],
      validate: (limits: unknown, _options) => judgeLimits(limits, t),
    },
    timeZone: { value: "", validate: (zone: string, _options) => isTimeZone(zone) || t("error.timeZone") },
    cost: {
      value: "1",
      validate(cost: string, _options) {
        if (this.costType === "msg") return cost.trim() !== "" || t("error.cost");
        return (/^\d{1,7}$/u.test(cost) && Number(cost) <= 1_000_000) || t("error.cost");
      },
    },
    costType: { value: "num" },
    sharedName: { value: "", validate: (name: string, _options) => name.length <= 100 || t("error.sharedName") },
    store: { value: "", type: "key-store-config", validate: (id: string, _options) => judgeOptionalStore(id, t) },
    whenAway: { value: "refuse" },
    network: { value: "", type: "network-config", validate: (id: string, _options) => judgeOptionalNode(id, t) },
    countRefused: { value: false },
    olderFields: { value: false },
    observe: { value: false },
  },
  label() {
    const [first, ...others] = this.limits ?? [];
    if (this.name || first === undefined) return this.name || t("label.palette");
    const text = limitText(first, t);
    return others.length === 0 ? text : t("label.andMore", { first: text, count: others.length });
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  oneditprepare() {
    prepareObserve();
    prepareLimits(this.limits ?? [], showZone, t);
    prepareCost();
    $("#node-input-property").typedInput({ types: ["msg"] });
    $("#node-input-countBy").on("change", showCountedBy);
    $("#node-input-store").on("change", showAway);
    showCountedBy();
    showAway();
  },
  oneditsave() {
    this.limits = limitsFromForm();
  },
});

function prepareCost(): void {
  const type = field("node-input-costType");
  if (type.value === "") type.value = "num";
  $("#node-input-cost").typedInput({ default: "num", typeField: "#node-input-costType", types: ["num", "msg"] });
}

function showZone(): void {
  const isNeeded = limitsFromForm().some(isCalendar);
  const zone = field("node-input-timeZone");
  if (isNeeded && zone.value === "") zone.value = ownTimeZone();
  show(field<HTMLElement>("gatehouse-zone-row"), isNeeded);
}

function showCountedBy(): void {
  const countBy = field<HTMLSelectElement>("node-input-countBy").value;
  show(field<HTMLElement>("gatehouse-property-row"), countBy === "property");
  show(field<HTMLElement>("gatehouse-own-row"), countBy === "principal");
  show(field<HTMLElement>("gatehouse-otherwise-row"), countBy === "principal" || countBy === "property");
}

function showAway(): void {
  show(field<HTMLElement>("gatehouse-away-row"), !isNoNode(String($("#node-input-store").val() ?? "")));
}
