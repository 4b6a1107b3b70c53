import { field, show } from "../shared/editor/dom.ts";
import { prepareObserve } from "../shared/editor/fields.ts";
import { translator } from "../shared/editor/text.ts";
import { isTimeZone, ownTimeZone } from "../shared/editor/time-zone.ts";
import type { PermissionCheckConfig, RuleEntry } from "./config.ts";
import { isTimed, judgeRules } from "./rule-judge.editor.ts";
import { type RuleRow, ruleRow } from "./rule-row.editor.ts";

const t = translator("permission-check");

const ANYBODY: RuleEntry = {
  effect: "allow",
  methods: [],
  path: "*",
  allOf: [],
  anyOf: [],
  noneOf: [],
  environment: "",
  caller: "",
  days: [],
  from: "",
  to: "",
};

RED.nodes.registerType<PermissionCheckConfig>("permission-check", {
  category: "gatehouse",
  categoryDescription: t("shared.category"),
  color: "#A9C3BA",
  icon: "permission-check.svg",
  paletteLabel: () => t("label.palette"),
  inputs: 1,
  outputs: 2,
  outputLabels: (index) => t(index === 0 ? "shared.output.accepted" : "shared.output.rejected"),
  defaults: {
    name: { value: "" },
    version: { value: 1 },
    rules: { value: [ANYBODY], validate: (rules: unknown, _options) => judgeRules(rules, t) },
    timeZone: { value: "", validate: (zone: string, _options) => isTimeZone(zone) || t("error.timeZone") },
    observe: { value: false },
  },
  label() {
    return this.name || describe(this.rules ?? []);
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  oneditprepare() {
    prepareObserve();
    prepareRules(this.rules ?? []);
  },
  oneditsave() {
    this.rules = rulesFromForm();
  },
});

function describe(rules: readonly RuleEntry[]): string {
  const [only, second] = rules;
  if (only === undefined || second !== undefined) return t("label.count", { count: rules.length });
  return [...only.allOf, ...only.anyOf].join(" ") || t("label.palette");
}

function prepareRules(rules: readonly RuleEntry[]): void {
  $("#gatehouse-rules").editableList<{ rule?: RuleEntry; row?: RuleRow }>({
    addButton: t("rule.add"),
    removable: true,
    sortable: true,
    height: "auto",
    addItem: (container, _index, data) => {
      data.row = ruleRow(container[0] as HTMLElement, data.rule ?? ANYBODY, showZone, t);
      showZone();
    },
    removeItem: showZone,
  });
  $("#gatehouse-rules").editableList(
    "addItems",
    rules.map((rule) => ({ rule })),
  );
}

function rulesFromForm(): RuleEntry[] {
  const items = $("#gatehouse-rules").editableList("items");
  return items
    .toArray()
    .map((item) => ($(item).data("data") as { row?: RuleRow }).row?.read())
    .filter((rule) => rule !== undefined);
}

function showZone(): void {
  const isNeeded = rulesFromForm().some(isTimed);
  const zone = field("node-input-timeZone");
  if (isNeeded && zone.value === "") zone.value = ownTimeZone();
  show(field<HTMLElement>("gatehouse-zone-row"), isNeeded);
}
