import { element, field, show } from "../shared/editor/dom.ts";
import { explainAsTyped, judgeList, listEntries } from "../shared/editor/ranges.ts";
import { addStyles } from "../shared/editor/styles.ts";
import { translator } from "../shared/editor/text.ts";
import type { NetworkConfig } from "./config.ts";

const t = translator("network-config");

const HEADERS = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP"];
/** RFC 9110, section 5.6.2: a token. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u;

RED.nodes.registerType<NetworkConfig>("network-config", {
  category: "config",
  color: "#A9C3BA",
  icon: "network-config.svg",
  paletteLabel: () => t("label.type"),
  defaults: {
    name: { value: "" },
    version: { value: 1 },
    trusted: {
      value: "",
      validate(trusted: string, _options) {
        if (listEntries(trusted).length === 0) return t("error.noProxy");
        const judged = judgeList(trusted, "trusted", t);
        return judged === true || t("error.trusted", { reason: judged });
      },
    },
    header: {
      value: "x-forwarded-for",
      validate: (header: string, _options) => TOKEN.test(header) || t("error.header"),
    },
    withoutHeader: { value: "refuse" },
    allTrusted: { value: "refuse" },
  },
  label() {
    return this.name || t("label.node", { header: headerName(this.header) });
  },
  oneditprepare() {
    addStyles();
    explainAsTyped(field<HTMLTextAreaElement>("node-config-input-trusted"), "trusted", t);
    prepareHeader();
  },
});

/** The usual spelling of a header that this dialog knows. */
function headerName(header: string): string {
  return HEADERS.find((known) => known.toLowerCase() === header.toLowerCase()) ?? header;
}

function prepareHeader(): void {
  const stored = field("node-config-input-header");
  const choice = field<HTMLSelectElement>("gatehouse-header");
  const other = field("gatehouse-header-name");
  const row = field<HTMLElement>("gatehouse-other-header");
  for (const name of HEADERS) choice.append(element("option", { value: name.toLowerCase() }, name));
  choice.append(element("option", { value: "" }, t("header.other")));
  const isKnown = HEADERS.some((name) => name.toLowerCase() === stored.value.toLowerCase());
  choice.value = isKnown ? stored.value.toLowerCase() : "";
  other.value = isKnown ? "" : stored.value;
  const update = () => {
    const header = choice.value || other.value.trim();
    stored.value = header.toLowerCase();
    show(row, choice.value === "");
    other.classList.toggle("input-error", !TOKEN.test(header));
    $(stored).trigger("change");
  };
  choice.addEventListener("change", update);
  other.addEventListener("input", update);
  update();
}
