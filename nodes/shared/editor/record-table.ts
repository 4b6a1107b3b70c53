import { ApiError } from "./api.ts";
import { button, element, show } from "./dom.ts";
import type { Translate } from "./text.ts";

/** What keys and users have in common in the admin API's answers. */
export interface ListedRecord {
  readonly id: string;
  readonly name: string;
  readonly environment: "production" | "sandbox";
  readonly state: string;
  readonly expiresAt?: string;
  readonly masked?: string;
}

export interface Page {
  readonly items: readonly ListedRecord[];
  readonly next?: string;
}

/** One kind of record: what a table of it shows and does. */
export interface TableKind {
  readonly title: string;
  readonly empty: string;
  readonly createText: string;
  /** Whether a column shows the masked secret. */
  readonly masked: boolean;
  load(after: string | undefined): Promise<Page>;
  /** Puts a form into `place`; calls back when the list has changed or the form is to go. */
  openForm(place: HTMLElement, done: (changed: boolean) => void): void;
  /** The last column: what can be done with a record. */
  actions(record: ListedRecord, changed: () => void): readonly HTMLElement[];
}

/** A table of keys or users with a button that makes another. Returns what reads it again. */
export function recordTable(place: HTMLElement, kind: TableKind, t: Translate): () => Promise<void> {
  const rows = element("tbody");
  const note = element("div", { class: "gatehouse-note", "aria-live": "polite" });
  const foot = element("div", { class: "gatehouse-actions" });
  const form = element("div");
  const create = button(kind.createText, "fa-plus", () => {
    create.disabled = true;
    kind.openForm(form, (changed) => {
      create.disabled = false;
      if (changed) void refresh();
    });
  });
  const table = element("table", { class: "gatehouse-table" }, header(kind, t), rows);
  const refresh = () => fill(undefined);

  async function fill(after: string | undefined): Promise<void> {
    note.textContent = t("shared.keys.loading");
    try {
      const page = await kind.load(after);
      const made = page.items.map((record) => recordRow(record, kind, () => void refresh(), t));
      if (after === undefined) rows.replaceChildren(...made);
      else rows.append(...made);
      note.textContent = rows.childElementCount === 0 ? kind.empty : "";
      show(table, rows.childElementCount > 0);
      const { next } = page;
      foot.replaceChildren();
      if (next !== undefined) foot.append(button(t("shared.keys.more"), "fa-angle-down", () => void fill(next)));
    } catch (error) {
      show(table, false);
      show(create, !isNotDeployed(error));
      note.textContent = explain(error, t);
    }
  }

  const heading = element("div", { class: "gatehouse-heading" }, kind.title, create);
  place.append(element("div", { class: "gatehouse-section" }, heading, form, note, table, foot));
  return refresh;
}

/** What went wrong, for the person at the dialog. */
export function explain(error: unknown, t: Translate): string {
  if (isNotDeployed(error)) return t("shared.keys.deployFirst");
  return t("shared.keys.failed", { reason: error instanceof Error ? error.message : String(error) });
}

function isNotDeployed(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

function header(kind: TableKind, t: Translate): HTMLElement {
  const texts = [t("shared.keys.name"), ...(kind.masked ? [t("shared.keys.id")] : [])];
  const row = element("tr");
  for (const text of [...texts, t("shared.keys.environment"), t("shared.keys.state")]) {
    row.append(element("th", { scope: "col" }, text));
  }
  row.append(element("th", { scope: "col", "aria-label": t("shared.keys.actions") }));
  return element("thead", {}, row);
}

function recordRow(record: ListedRecord, kind: TableKind, changed: () => void, t: Translate): HTMLElement {
  const row = element("tr", {}, element("td", {}, record.name));
  if (kind.masked) row.append(element("td", {}, element("code", {}, record.masked ?? "")));
  row.append(element("td", {}, t(`shared.environment.${record.environment}`)), stateCell(record, t));
  row.append(element("td", {}, ...kind.actions(record, changed)));
  return row;
}

function stateCell(record: ListedRecord, t: Translate): HTMLElement {
  const cell = element("td", {}, t(`shared.state.${record.state}`));
  if (record.expiresAt !== undefined) {
    const date = new Date(record.expiresAt).toLocaleDateString(RED.i18n.lang() ?? undefined);
    cell.title = t("shared.state.until", { date });
  }
  return cell;
}

/** Asks in the row itself, so that a slip of the mouse does nothing. */
export function confirmed(text: string, label: string, icon: string, question: string, act: () => void): HTMLElement {
  const made = button(text, icon, () => {
    const notice = RED.notify(
      element("p", {}, question) as never,
      {
        modal: true,
        fixed: true,
        type: "warning",
        buttons: [
          { text: RED._("common.label.cancel"), click: () => notice.close() },
          {
            text,
            class: "primary",
            click: () => {
              notice.close();
              act();
            },
          },
        ],
      } as never,
    ) as unknown as { close(): void };
  });
  made.setAttribute("aria-label", label);
  return made;
}
