import { field, show } from "../shared/editor/dom.ts";
import { judgeStore } from "../shared/editor/fields.ts";
import { nodeName } from "../shared/editor/label.ts";
import { prepareStoreState } from "../shared/editor/store-state.ts";
import { translator } from "../shared/editor/text.ts";
import type { KeyManageConfig } from "./config.ts";

const t = translator("key-manage");

/** Operations that only one of the two has. */
const only: ReadonlyMap<string, KeyManageConfig["subject"]> = new Map([
  ["rotate", "key"],
  ["end-overlap", "key"],
  ["import", "key"],
  ["password", "user"],
]);

RED.nodes.registerType<KeyManageConfig>("key-manage", {
  category: "gatehouse",
  categoryDescription: t("shared.category"),
  color: "#A9C3BA",
  icon: "key-manage.svg",
  paletteLabel: () => t("label.palette"),
  inputs: 1,
  outputs: 2,
  outputLabels: (index) => t(index === 0 ? "output.done" : "output.refused"),
  defaults: {
    name: { value: "" },
    version: { value: 1 },
    store: { value: "", type: "key-store-config", validate: (id: string, _options) => judgeStore(id, t) },
    operation: { value: "" },
    subject: {
      value: "key",
      validate(subject: string, _options) {
        return isPossible(this.operation, subject) || t("error.subject");
      },
    },
  },
  label() {
    return this.name || nodeName(this.store, this.operation || t("label.node"));
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  oneditprepare() {
    prepareStoreState(t);
    prepareMembers();
  },
});

function isPossible(operation: string, subject: string): boolean {
  const wanted = only.get(operation);
  return subject === "" || wanted === undefined || wanted === subject;
}

/** Says what the message has to hold, and warns while the message chooses what is done. */
function prepareMembers(): void {
  const operation = field<HTMLSelectElement>("node-input-operation");
  const subject = field<HTMLSelectElement>("node-input-subject");
  const note = field<HTMLElement>("gatehouse-members");
  const caution = field<HTMLElement>("gatehouse-message-caution");
  const update = () => {
    const fits = isPossible(operation.value, subject.value);
    subject.classList.toggle("input-error", !fits);
    note.textContent = fits ? membersText(operation.value, subject.value) : t("error.subject");
    show(caution, operation.value === "");
  };
  for (const each of [operation, subject]) $(each).on("change", update);
  update();
}

function membersText(operation: string, subject: string): string {
  const own = subject || only.get(operation) || "any";
  if (operation === "") return t("members.fromMessage");
  if (operation === "create") return t(`members.create-${own}`);
  const key = ["list", "update", "rotate", "password", "import", "unlock"].includes(operation) ? operation : "id";
  return t(`members.${key}`);
}
