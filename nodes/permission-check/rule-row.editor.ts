import { element, input, select, show } from "../shared/editor/dom.ts";
import { prepareScopes } from "../shared/editor/fields.ts";
import { grid } from "../shared/editor/record-form.ts";
import { splitWords, type Translate } from "../shared/editor/text.ts";
import type { RuleEntry } from "./config.ts";
import { areHours, areMethods, isPattern } from "./rule-judge.editor.ts";

export interface RuleRow {
  /** The rule as it stands in the dialog. */
  readonly read: () => RuleEntry;
}

const CALLERS = ["", "user", "key", "server", "client"] as const;
const ENVIRONMENTS = ["", "production", "sandbox"] as const;
/** As people count them. */
const DAYS = [1, 2, 3, 4, 5, 6, 0] as const;

/** One rule: what it fits, and below what it asks for. */
export function ruleRow(container: HTMLElement, rule: RuleEntry, changed: () => void, t: Translate): RuleRow {
  const fit = fitFields(rule, t);
  const asked = askedFields(rule, t);
  const hours = hourFields(rule, t);
  const details = element("details", {}, element("summary", {}, t("rule.hours")), hours.element);
  details.open = rule.days.length > 0 || rule.from !== "" || rule.to !== "";
  const body = element("div", {}, asked.element, details);
  const read = (): RuleEntry => ({ ...fit.read(), ...asked.read(), ...hours.read() });
  const update = () => {
    show(body, read().effect === "allow");
    fit.mark();
    hours.mark();
    changed();
  };
  container.classList.add("gatehouse-entry");
  container.append(fit.element, body);
  container.addEventListener("input", update);
  update();
  return { read };
}

function fitFields(rule: RuleEntry, t: Translate) {
  const effect = select(
    t("rule.effect"),
    [
      ["allow", t("rule.allow")],
      ["deny", t("rule.deny")],
    ],
    rule.effect,
  );
  const methods = input(t("rule.methods"), rule.methods.join(" "));
  const path = input(t("rule.path"), rule.path);
  path.classList.add("gatehouse-wide");
  const read = () => ({
    effect: effect.value as RuleEntry["effect"],
    methods: splitWords(methods.value.toUpperCase()),
    path: path.value.trim(),
  });
  const mark = () => {
    methods.classList.toggle("input-error", !areMethods(read().methods));
    path.classList.toggle("input-error", !isPattern(read().path));
  };
  return { element: element("div", { class: "gatehouse-line" }, effect, methods, path), read, mark };
}

function askedFields(rule: RuleEntry, t: Translate) {
  const scopes = (["allOf", "anyOf", "noneOf"] as const).map((name) => {
    const typed = input(t(`rule.${name}`), "", { placeholder: t(`hint.${name}`) });
    prepareScopes(typed, rule[name]);
    return [name, typed] as const;
  });
  const environment = select(
    t("shared.label.environment"),
    ENVIRONMENTS.map((each) => [each, t(each === "" ? "shared.environment.any" : `shared.environment.${each}Only`)]),
    rule.environment,
  );
  const caller = select(
    t("rule.caller"),
    CALLERS.map((each) => [each, t(`caller.${each || "any"}`)]),
    rule.caller,
  );
  const words = ([, typed]: readonly [string, HTMLInputElement]) => splitWords(typed.value);
  return {
    element: grid(
      ...scopes.map(([name, typed]) => [t(`rule.${name}`), typed] as const),
      [t("shared.label.environment"), environment],
      [t("rule.caller"), caller],
    ),
    read: () => {
      const [allOf, anyOf, noneOf] = scopes.map(words) as [string[], string[], string[]];
      return {
        allOf,
        anyOf,
        noneOf,
        environment: environment.value as RuleEntry["environment"],
        caller: caller.value as RuleEntry["caller"],
      };
    },
  };
}

function hourFields(rule: RuleEntry, t: Translate) {
  const days = DAYS.map((day) => {
    const box = element("input", { type: "checkbox" });
    box.checked = rule.days.includes(day);
    return {
      day,
      box,
      row: element("label", { class: "gatehouse-checkbox gatehouse-fixed" }, box, ` ${t(`day.${day}`)}`),
    };
  });
  const from = input(t("rule.from"), rule.from);
  const to = input(t("rule.to"), rule.to);
  const read = () => ({
    days: days.filter(({ box }) => box.checked).map(({ day }) => day as number),
    from: from.value.trim(),
    to: to.value.trim(),
  });
  const mark = () => {
    const areFine = areHours(read());
    from.classList.toggle("input-error", !areFine);
    to.classList.toggle("input-error", !areFine);
  };
  const line = element("div", { class: "gatehouse-line" }, ...days.map(({ row }) => row));
  return { element: element("div", {}, line, element("div", { class: "gatehouse-line" }, from, to)), read, mark };
}
