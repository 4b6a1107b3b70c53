import { field, show } from "./dom.ts";
import { explainAsTyped, judgeList } from "./ranges.ts";
import { addStyles } from "./styles.ts";
import type { Translate } from "./text.ts";

const SOURCES = { list: "fa-list", env: "", flow: "", global: "", file: "fa-file-text-o" } as const;

/**
 * A list of addresses that is typed in or read from elsewhere. The property is a text area, because an input drops line
 * ends; a typed input over it chooses the source and holds what is no list.
 */
export function prepareListSource(property: string, t: Translate): void {
  addStyles();
  const list = field<HTMLTextAreaElement>(`node-input-${property}`);
  const source = $(`#node-input-${property}-source`);
  const row = field<HTMLElement>(`gatehouse-${property}-list`);
  const isList = () => source.typedInput("type") === "list";
  if (field(`node-input-${property}Type`).value === "") field(`node-input-${property}Type`).value = "list";
  const typed = field(`node-input-${property}Type`).value === "list" ? "" : list.value;
  source.val(typed);
  source.typedInput({ default: "list", typeField: `#node-input-${property}Type`, types: types(t) });
  let kept = isList() ? list.value : "";
  const explain = explainAsTyped(list, "allow", t);
  let wasList = isList();
  source.on("change", () => {
    if (wasList && !isList()) kept = list.value;
    if (isList()) list.value = wasList ? list.value : kept;
    else list.value = String(source.typedInput("value"));
    wasList = isList();
    show(row, wasList);
    if (wasList) explain();
    $(list).trigger("change");
  });
  show(row, wasList);
}

/** A validator's answer for a list source; the dialog's own type counts while it is open. */
export function judgeListSource(
  property: string,
  value: string,
  savedType: string,
  label: string,
  t: Translate,
): true | string {
  const typeInput = document.getElementById(`node-input-${property}Type`) as HTMLInputElement | null;
  const type = typeInput?.value || savedType;
  if (type !== "list") return value.trim() !== "" || t("error.noSource", { label });
  const judged = judgeList(value, "allow", t);
  return judged === true || t("error.list", { label, reason: judged });
}

function types(t: Translate): { value: string; label: string; icon?: string; hasValue: boolean }[] {
  return Object.entries(SOURCES).map(([value, icon]) => ({
    value,
    label: t(`source.${value}`),
    ...(icon !== "" && { icon: `fa ${icon}` }),
    hasValue: value !== "list",
  }));
}
