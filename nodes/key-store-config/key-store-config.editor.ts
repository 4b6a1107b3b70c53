import { field, show } from "../shared/editor/dom.ts";
import { storeTables } from "../shared/editor/key-table.ts";
import { addStyles } from "../shared/editor/styles.ts";
import { translator } from "../shared/editor/text.ts";
import { isWhole, prepareAudit } from "./audit.editor.ts";
import type { KeyStoreConfig } from "./config.ts";
import { type EntryList, judgeEntries, prepareEntries } from "./entry-list.editor.ts";
import { isSchema, isServer, judgeAddress, placeOf } from "./server.editor.ts";
import { type SlotSecrets, slotSecrets } from "./slot-secrets.editor.ts";

const t = translator("key-store-config");

/** Of the dialog that is open: the editor opens one of a type at a time. */
let dialog: { readonly entries: EntryList; readonly secrets: SlotSecrets } | undefined;

RED.nodes.registerType<KeyStoreConfig, string>("key-store-config", {
  category: "config",
  color: "#A9C3BA",
  icon: "key-store-config.svg",
  paletteLabel: () => t("label.type"),
  defaults: {
    name: { value: "" },
    version: { value: 1 },
    backend: { value: "embedded" },
    folder: {
      value: "gatehouse",
      validate(folder: string, _options) {
        return currentBackend(this.backend) !== "embedded" || folder.trim() !== "" || t("error.folder");
      },
    },
    url: {
      value: "",
      validate(url: string | undefined, _options) {
        return judgeAddress(currentBackend(this.backend), url ?? "", t);
      },
    },
    tls: { value: "", type: "tls-config", required: false },
    schema: {
      value: "gatehouse",
      validate(schema: string | undefined, _options) {
        return currentBackend(this.backend) !== "postgres" || isSchema(schema || "gatehouse") || t("error.schema");
      },
    },
    staleSeconds: {
      value: 0,
      validate: (seconds: number | undefined, _options) =>
        (Number(seconds ?? 0) >= 0 && Number(seconds ?? 0) <= 3_600) || t("error.staleSeconds"),
    },
    prefix: {
      value: "gh",
      validate: (prefix: string, _options) => /^[a-z0-9]{2,12}$/u.test(prefix) || t("error.prefix"),
    },
    auditFile: { value: "" },
    auditRequired: { value: false },
    auditMegabytes: {
      value: 10,
      validate: (size: number | undefined, _options) => isWhole(size ?? 10, 1000) || t("error.auditMegabytes"),
    },
    auditKeep: {
      value: 10,
      validate: (count: number | undefined, _options) => isWhole(count ?? 10, 10_000) || t("error.auditKeep"),
    },
    entries: {
      value: [],
      validate(entries: unknown, _options) {
        return this.backend !== "credentials" || judgeEntries(entries, t);
      },
    },
  },
  credentials: {
    masterKey: { type: "password" },
    connectionUser: { type: "text" },
    connectionPassword: { type: "password" },
    secret0: { type: "password" },
    secret1: { type: "password" },
    secret2: { type: "password" },
    secret3: { type: "password" },
    secret4: { type: "password" },
    secret5: { type: "password" },
    secret6: { type: "password" },
    secret7: { type: "password" },
    secret8: { type: "password" },
    secret9: { type: "password" },
    secret10: { type: "password" },
    secret11: { type: "password" },
    secret12: { type: "password" },
    secret13: { type: "password" },
    secret14: { type: "password" },
    secret15: { type: "password" },
    secret16: { type: "password" },
    secret17: { type: "password" },
    secret18: { type: "password" },
    secret19: { type: "password" },
    secret20: { type: "password" },
    secret21: { type: "password" },
    secret22: { type: "password" },
    secret23: { type: "password" },
    secret24: { type: "password" },
    secret25: { type: "password" },
    secret26: { type: "password" },
    secret27: { type: "password" },
    secret28: { type: "password" },
    secret29: { type: "password" },
    secret30: { type: "password" },
    secret31: { type: "password" },
  },
  label() {
    if (this.name) return this.name;
    if (this.backend === "embedded") return t("label.embedded", { folder: this.folder });
    if (isServer(this.backend)) return t(`label.${this.backend}`, { place: placeOf(this.url) });
    return t("label.credentials", { count: this.entries?.length ?? 0 });
  },
  oneditprepare() {
    addStyles();
    const secrets = slotSecrets(this);
    dialog = { secrets, entries: prepareEntries(this.entries ?? [], secrets, t) };
    prepareBackend();
    preparePrefix();
    prepareAudit(this);
    void storeTables(field<HTMLElement>("gatehouse-records"), this.id, t);
  },
  oneditsave() {
    if (dialog === undefined) return;
    this.entries = dialog.entries.read();
    dialog.secrets.commit(this.entries.map((entry) => entry.slot));
    dialog = undefined;
  },
  oneditcancel() {
    dialog = undefined;
  },
});

/** The field's word while the dialog is open, else the saved one. */
function currentBackend(saved: string): string {
  const choice = document.getElementById("node-config-input-backend") as HTMLSelectElement | null;
  return choice?.value || saved;
}

function prepareBackend(): void {
  const choice = field<HTMLSelectElement>("node-config-input-backend");
  const note = field<HTMLElement>("gatehouse-backend-note");
  const update = () => {
    const backend = choice.value;
    note.textContent = t(`note.${backend}`);
    show(field("gatehouse-folder-row"), backend === "embedded");
    show(field("gatehouse-server-rows"), isServer(backend));
    show(field("gatehouse-records"), backend !== "credentials");
    show(field("gatehouse-entries-row"), backend === "credentials");
    show(field("gatehouse-schema-row"), backend === "postgres");
    if (!isServer(backend)) return;
    field("node-config-input-url").placeholder = `${backend}://${backend}.example`;
    field("node-config-input-connectionUser").placeholder = t(`placeholder.${backend}`);
  };
  $(choice).on("change", update);
  update();
}

function preparePrefix(): void {
  const prefix = field("node-config-input-prefix");
  const example = field<HTMLElement>("gatehouse-prefix-example");
  const update = () => {
    example.textContent = t("label.prefixExample", { key: `${prefix.value}_live_…` });
  };
  prefix.addEventListener("input", update);
  update();
}
