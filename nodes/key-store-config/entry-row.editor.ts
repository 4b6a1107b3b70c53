import { checkbox, element, input, select } from "../shared/editor/dom.ts";
import { conditionFields, endOfDay, environmentSelect, grid, toDate } from "../shared/editor/record-form.ts";
import type { Translate } from "../shared/editor/text.ts";
import type { KeyStoreEntry } from "./config.ts";
import { entrySecret } from "./entry-secret.editor.ts";
import type { SlotSecrets } from "./slot-secrets.editor.ts";

export interface EntryRow {
  readonly slot: number;
  /** The entry as it stands in the dialog. */
  read(): KeyStoreEntry;
}

/** One key or user in the list: what it is, its secret, and below, folded, its conditions. */
export function entryRow(container: HTMLElement, entry: KeyStoreEntry, secrets: SlotSecrets, t: Translate): EntryRow {
  const type = select(
    t("entry.type"),
    [
      ["key", t("entry.key")],
      ["user", t("entry.user")],
    ],
    entry.type,
  );
  const name = input(t("entry.name"), entry.name);
  const environment = environmentSelect(entry.environment, t);
  const secret = entrySecret(entry, secrets, t, () => ({
    type: type.value as KeyStoreEntry["type"],
    name: name.value.trim(),
    environment: environment.value as KeyStoreEntry["environment"],
  }));
  const more = conditions(entry, t);
  name.classList.add("gatehouse-wide");
  const markName = () => name.classList.toggle("input-error", name.value.trim() === "");
  name.addEventListener("input", markName);
  if (entry.name !== "") markName();
  // What proves the one does not prove the other, and a key names its environment.
  type.addEventListener("change", () => secret.reset());
  environment.addEventListener("change", () => secret.environmentChanged());
  container.classList.add("gatehouse-entry");
  container.append(element("div", { class: "gatehouse-line" }, type, name, environment), secret.element, more.element);
  return {
    slot: entry.slot,
    read: () => ({
      type: type.value as KeyStoreEntry["type"],
      slot: entry.slot,
      name: name.value.trim(),
      environment: environment.value as KeyStoreEntry["environment"],
      ...secret.settle(),
      ...more.read(),
    }),
  };
}

type Conditions = Pick<KeyStoreEntry, "scopes" | "addresses" | "expiresAt" | "disabled">;

function conditions(entry: KeyStoreEntry, t: Translate): { element: HTMLElement; read: () => Conditions } {
  const fields = conditionFields(entry, t);
  const expires = input(t("shared.keys.expires"), toDate(entry.expiresAt), { type: "date" });
  const disabled = checkbox(t("entry.disabled"), entry.disabled);
  const details = element("details", {}, element("summary", {}, t("entry.conditions")));
  details.open = entry.disabled || entry.expiresAt !== "" || entry.scopes.length + entry.addresses.length > 0;
  details.append(
    grid(
      [t("shared.keys.scopes"), fields.scopes],
      [t("shared.keys.addresses"), fields.addressBox],
      [t("shared.keys.expires"), expires],
    ),
    disabled.row,
  );
  return {
    element: details,
    read: () => ({
      ...fields.read(),
      expiresAt: toDate(entry.expiresAt) === expires.value ? entry.expiresAt : endOfDay(expires.value),
      disabled: disabled.box.checked,
    }),
  };
}
