import { element, input, select } from "../shared/editor/dom.ts";
import type { Translate } from "../shared/editor/text.ts";
import type { LimitEntry, WindowUnit } from "./config.ts";

const UNITS: readonly WindowUnit[] = ["second", "minute", "hour", "day", "calendar-day", "calendar-month"];
const SECONDS: ReadonlyMap<WindowUnit, number> = new Map<WindowUnit, number>([
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
]);
const LONGEST = 31 * 86_400;

interface Row {
  readonly read: () => LimitEntry;
}

/** The list of limits; `changed` hears of every change. */
export function prepareLimits(limits: readonly LimitEntry[], changed: () => void, t: Translate): void {
  $("#gatehouse-limits").editableList<{ limit?: LimitEntry; row?: Row }>({
    addButton: t("limit.add"),
    removable: true,
    sortable: true,
    height: "auto",
    addItem: (container, _index, data) => {
      data.row = addRow(container[0] as HTMLElement, data.limit ?? newLimit(), changed, t);
      changed();
    },
    removeItem: changed,
  });
  $("#gatehouse-limits").editableList(
    "addItems",
    limits.map((limit) => ({ limit })),
  );
}

/** The limits as they stand in the dialog. */
export function limitsFromForm(): LimitEntry[] {
  const items = $("#gatehouse-limits").editableList("items");
  return items
    .toArray()
    .map((item) => ($(item).data("data") as { row?: Row }).row?.read())
    .filter((limit) => limit !== undefined);
}

/** A validator's answer for the list, by the rules that the node starts with. */
export function judgeLimits(limits: unknown, t: Translate): true | string {
  if (!Array.isArray(limits) || limits.length === 0) return t("error.noLimit");
  const entries = limits as readonly LimitEntry[];
  if (!entries.every(isUsable)) return t("error.limit");
  const sorted = entries.toSorted((one, other) => secondsOf(one) - secondsOf(other));
  const isOrdered = sorted.every((limit, i) => Number(sorted[i - 1]?.requests ?? 0) <= Number(limit.requests));
  return isOrdered || t("error.order");
}

export function isCalendar({ unit }: LimitEntry): boolean {
  return unit === "calendar-day" || unit === "calendar-month";
}

/** As `10 in 1 s`. */
export function limitText({ requests, per, unit }: LimitEntry, t: Translate): string {
  if (unit === "calendar-day" || unit === "calendar-month") return t(`text.${unit}`, { requests });
  return t("text.window", { requests, per, unit: t(`short.${unit}`) });
}

function newLimit(): LimitEntry {
  return { requests: 100, per: 1, unit: "minute", burst: "" };
}

function secondsOf({ per, unit }: LimitEntry): number {
  if (unit === "calendar-day") return 86_400;
  return unit === "calendar-month" ? LONGEST : Number(per) * (SECONDS.get(unit) ?? 0);
}

function isWhole(value: number | string, most: number): boolean {
  return /^\d{1,10}$/u.test(String(value)) && Number(value) >= 1 && Number(value) <= most;
}

function isUsable(limit: LimitEntry): boolean {
  if (!isWhole(limit.requests, 1e9)) return false;
  if (isCalendar(limit)) return true;
  if (limit.burst !== "" && !isWhole(limit.burst, 1e9)) return false;
  return isWhole(limit.per, LONGEST) && secondsOf(limit) >= 1 && secondsOf(limit) <= LONGEST;
}

function addRow(container: HTMLElement, limit: LimitEntry, changed: () => void, t: Translate): Row {
  const numeric = { inputmode: "numeric" };
  const requests = input(t("limit.requests"), String(limit.requests), numeric);
  const per = input(t("limit.per"), String(limit.per), numeric);
  const unit = select(
    t("limit.unit"),
    UNITS.map((each) => [each, t(`unit.${each}`)]),
    limit.unit,
  );
  const burst = input(t("limit.burst"), String(limit.burst), numeric);
  const read = (): LimitEntry => {
    const entry: LimitEntry = {
      requests: typed(requests),
      per: typed(per),
      unit: unit.value as WindowUnit,
      burst: typed(burst),
    };
    return isCalendar(entry) ? { ...entry, per: 1, burst: "" } : entry;
  };
  const mark = () => {
    const entry = read();
    per.classList.toggle("hide", isCalendar(entry));
    burst.classList.toggle("hide", isCalendar(entry));
    requests.classList.toggle("input-error", !isWhole(entry.requests, 1e9));
    per.classList.toggle("input-error", !isCalendar(entry) && !isUsable({ ...entry, requests: 1, burst: "" }));
    burst.classList.toggle("input-error", entry.burst !== "" && !isWhole(entry.burst, 1e9));
    changed();
  };
  for (const each of [requests, per, unit, burst]) each.addEventListener("input", mark);
  unit.classList.add("gatehouse-wide");
  container.classList.add("gatehouse-line");
  container.append(requests, element("span", { class: "gatehouse-fixed" }, t("limit.in")), per, unit, burst);
  mark();
  return { read };
}

/** A number where it is one, so that the flow file has numbers. */
function typed({ value }: HTMLInputElement): number | string {
  const text = value.trim();
  return /^\d{1,10}$/u.test(text) ? Number(text) : text;
}
