import { element, field, show } from "../shared/editor/dom.ts";
import { isNoNode, judgeStore } from "../shared/editor/fields.ts";
import { addStyles } from "../shared/editor/styles.ts";
import { splitWords, translator } from "../shared/editor/text.ts";
import type { AuthEventsConfig } from "./config.ts";

const t = translator("auth-events");

/** Of those, an id is what the node keeps: events name nodes by it. */
const CHECKS = /-check$|^ip-allowlist$|^api-rate-limit$|^key-manage$/u;

RED.nodes.registerType<AuthEventsConfig>("auth-events", {
  category: "gatehouse",
  categoryDescription: t("shared.category"),
  color: "#A9C3BA",
  icon: "auth-events.svg",
  paletteLabel: () => t("label.palette"),
  inputs: 0,
  outputs: 1,
  outputLabels: () => t("label.output"),
  defaults: {
    name: { value: "" },
    version: { value: 1 },
    accepted: { value: false },
    rejected: { value: true },
    observed: { value: true },
    changes: { value: true },
    denied: { value: true },
    reasons: { value: [], validate: (reasons: unknown, _options) => judgeReasons(reasons) },
    check: { value: "", validate: (id: string, _options) => isThere(id) || t("error.check") },
    store: { value: "", type: "key-store-config", validate: (id: string, _options) => judgeStoreChoice(id) },
    every: { value: 1, validate: (value: unknown, _options) => isWhole(value, 1) || t("error.every") },
    within: { value: 60, validate: (value: unknown, _options) => isWhole(value, 1) || t("error.within") },
    perMinute: { value: 60, validate: (value: unknown, _options) => isWhole(value, 1) || t("error.perMinute") },
    expiryDays: { value: 0, validate: (value: unknown, _options) => isWhole(value, 0) || t("error.expiryDays") },
  },
  label() {
    return this.name || t("label.node");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  oneditprepare() {
    addStyles();
    field("node-input-reason-words").value = (this.reasons ?? []).join(" ");
    fillChecks(field<HTMLSelectElement>("gatehouse-check"), this.check);
    prepareEvery();
  },
  oneditsave() {
    this.reasons = splitWords(field("node-input-reason-words").value);
    this.check = field<HTMLSelectElement>("gatehouse-check").value;
    for (const name of ["every", "within", "perMinute", "expiryDays"] as const) {
      this[name] = Number(field(`node-input-${name}`).value);
    }
  },
});

function judgeReasons(reasons: unknown): true | string {
  const fine = Array.isArray(reasons) && reasons.every((reason) => /^[a-z-]+$/u.test(String(reason)));
  return fine || t("error.reasons");
}

function isThere(id: string): boolean {
  return id === "" || Boolean(RED.nodes.node(id));
}

function isWhole(value: unknown, least: number): boolean {
  return /^\d{1,6}$/u.test(String(value)) && Number(value) >= least;
}

/** None is the same as all. */
function judgeStoreChoice(id: string): true | string {
  return isNoNode(id) || judgeStore(id, t);
}

/** Offers the checks of all flows by name. */
function fillChecks(choice: HTMLSelectElement, chosen: string): void {
  choice.append(element("option", { value: "" }, t("choice.anyCheck")));
  RED.nodes.eachNode((node) => {
    const { id, type, name } = node as { readonly id: string; readonly type: string; readonly name?: string };
    if (CHECKS.test(type)) choice.append(element("option", { value: id }, name || `${type} ${id}`));
    return true;
  });
  choice.value = chosen;
}

function prepareEvery(): void {
  const every = field("node-input-every");
  const update = () => show(field<HTMLElement>("gatehouse-within-row"), Number(every.value) > 1);
  every.addEventListener("input", update);
  update();
}
