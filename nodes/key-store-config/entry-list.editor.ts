import type { Translate } from "../shared/editor/text.ts";
import { ENTRY_SLOTS, type KeyStoreEntry } from "./config.ts";
import { type EntryRow, entryRow } from "./entry-row.editor.ts";
import type { SlotSecrets } from "./slot-secrets.editor.ts";

export interface EntryList {
  /** The entries as they stand; secrets that were typed but not yet hashed are hashed first. */
  read(): KeyStoreEntry[];
}

interface Item {
  entry?: KeyStoreEntry;
  row?: EntryRow;
}

/** The list of keys and users that the flow itself holds. */
export function prepareEntries(entries: readonly KeyStoreEntry[], secrets: SlotSecrets, t: Translate): EntryList {
  const list = $("#gatehouse-entries");
  const rows = (): EntryRow[] =>
    list
      .editableList("items")
      .toArray()
      .map((item) => ($(item).data("data") as Item).row)
      .filter((row) => row !== undefined);
  list.editableList<Item>({
    addButton: t("entry.add"),
    removable: true,
    sortable: true,
    height: "auto",
    addItem: (container, _index, item) => {
      const entry = item.entry ?? newEntry(freeSlot(rows()));
      if (entry.slot < 0) {
        RED.notify(t("error.full", { count: ENTRY_SLOTS }), "warning");
        setTimeout(() => list.editableList("removeItem", item));
        return;
      }
      item.row = entryRow(container[0] as HTMLElement, entry, secrets, t);
    },
    removeItem: (item) => {
      if (item.row !== undefined) secrets.clear(item.row.slot);
    },
  });
  list.editableList(
    "addItems",
    entries.map((entry) => ({ entry })),
  );
  return { read: () => rows().map((row) => row.read()) };
}

/** A validator's answer for the entries. Whether each has its secret is known in the dialog and at the start only. */
export function judgeEntries(entries: unknown, t: Translate): true | string {
  if (!Array.isArray(entries) || entries.length === 0) return t("error.noEntry");
  const names = (entries as KeyStoreEntry[]).map((entry) => entry.name.trim());
  if (names.some((name) => name === "")) return t("error.noName");
  const users = (entries as KeyStoreEntry[]).filter((entry) => entry.type === "user").map((entry) => entry.name);
  return new Set(users).size === users.length || t("error.sameUser");
}

function freeSlot(rows: readonly EntryRow[]): number {
  const used = new Set(rows.map((row) => row.slot));
  for (let slot = 0; slot < ENTRY_SLOTS; slot++) if (!used.has(slot)) return slot;
  return -1;
}

function newEntry(slot: number): KeyStoreEntry {
  return {
    type: "key",
    source: "stored",
    slot,
    id: "",
    name: "",
    environment: "production",
    scopes: [],
    addresses: [],
    expiresAt: "",
    disabled: false,
  };
}
