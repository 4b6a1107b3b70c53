import { element, input, select } from "./dom.ts";
import { prepareScopes } from "./fields.ts";
import { explainAsTyped, listEntries } from "./ranges.ts";
import { splitWords, type Translate } from "./text.ts";

type Environment = "production" | "sandbox";

/** What must hold when a key or user is used, as typed. */
export interface TypedConditions {
  readonly scopes: string[];
  readonly addresses: string[];
}

/** A grid of labels and fields; `rows` are appended to it. */
export function grid(...rows: readonly (readonly [label: string, control: HTMLElement])[]): HTMLElement {
  const made = element("div", { class: "gatehouse-grid" });
  for (const [label, control] of rows) addRow(made, label, control);
  return made;
}

let rowCount = 0;

function addRow(target: HTMLElement, text: string, control: HTMLElement): void {
  rowCount += 1;
  const id = `gatehouse-row-${rowCount}`;
  const labelled = control.matches("input, select, textarea") ? control : control.querySelector("input, textarea");
  labelled?.setAttribute("id", id);
  target.append(element("label", { for: id }, text), control);
}

/** A select of the two environments. */
export function environmentSelect(value: Environment, t: Translate): HTMLSelectElement {
  const options = (["production", "sandbox"] as const).map((each) => [each, t(`shared.environment.${each}`)] as const);
  return select(t("shared.label.environment"), options, value);
}

/** Fields for scopes and addresses, with the meaning of the addresses below. */
export function conditionFields(from: TypedConditions, t: Translate) {
  const scopes = input(t("shared.keys.scopes"), "", { placeholder: t("shared.keys.scopesHint") });
  prepareScopes(scopes, from.scopes);
  const addresses = element("textarea", {
    "aria-label": t("shared.keys.addresses"),
    placeholder: t("shared.keys.addressesHint"),
    class: "gatehouse-textarea gatehouse-short",
    rows: "2",
    spellcheck: "false",
  });
  addresses.value = from.addresses.join("\n");
  const addressBox = element("div", {}, addresses);
  explainAsTyped(addresses, "allow", t);
  const read = (): TypedConditions => ({ scopes: splitWords(scopes.value), addresses: listEntries(addresses.value) });
  return { scopes, addressBox, read };
}

/** ISO 8601 for the end of a day in the local time zone, from the value of a date input; empty stays empty. */
export function endOfDay(date: string): string {
  if (date === "") return "";
  return new Date(`${date}T23:59:59`).toISOString();
}

/** The value of a date input for a time in ISO 8601. */
export function toDate(iso: string): string {
  const time = new Date(iso);
  if (iso === "" || Number.isNaN(time.getTime())) return "";
  const two = (part: number) => String(part).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** The value of a date input that many days from today. */
export function daysAhead(days: number): string {
  return toDate(new Date(Date.now() + days * 86_400_000).toISOString());
}
