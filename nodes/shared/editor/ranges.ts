import { describeRange } from "../../../lib/net/range-description.ts";
import { parseRangeList, type RangeLine } from "../../../lib/net/range-lines.ts";
import { element } from "./dom.ts";
import type { Translate } from "./text.ts";

/** No list of trusted proxies may hold every address there is. */
export type ListUse = "allow" | "trusted";

const SHOWN_LINES = 8;
const TYPING_PAUSE_MS = 250;

/** A validator's answer for a list: the parser is the one that the runtime uses. Names the first line at fault. */
export function judgeList(text: string, use: ListUse, t: Translate): true | string {
  for (const line of parseRangeList(text)) {
    const problem = problemOf(line, use);
    if (problem !== undefined) return t("shared.ranges.invalid", { line: line.line, reason: reason(problem, t) });
  }
  return true;
}

/** The entries of a list, one a line, without comments and empty lines. */
export function listEntries(text: string): string[] {
  return parseRangeList(text)
    .map((line) => line.text)
    .filter((entry) => entry !== "");
}

/** Explains the list in `source` below it while it is typed. Returns what explains it at once. */
export function explainAsTyped(source: HTMLTextAreaElement, use: ListUse, t: Translate): () => void {
  const output = element("div", { class: "gatehouse-explanation", "aria-live": "polite" });
  source.after(output);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const update = () => {
    const lines = parseRangeList(source.value).filter((line) => line.text !== "");
    showLines(output, lines, use, t);
    source.classList.toggle(
      "input-error",
      lines.some((line) => problemOf(line, use) !== undefined),
    );
  };
  source.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(update, TYPING_PAUSE_MS);
  });
  update();
  return update;
}

function problemOf(line: RangeLine, use: ListUse): string | undefined {
  if (line.problem !== undefined) return line.problem;
  return use === "trusted" && line.warning === "everything" ? "everything" : undefined;
}

function reason(problem: string, t: Translate): string {
  return t(`shared.ranges.problem.${problem}`);
}

function showLines(output: HTMLElement, lines: readonly RangeLine[], use: ListUse, t: Translate): void {
  // What needs attention comes first, so that a long list does not push it out of sight.
  const sorted = [...lines].sort((a, b) => weight(b, use) - weight(a, use));
  output.replaceChildren(...sorted.slice(0, SHOWN_LINES).map((line) => lineElement(line, use, t)));
  const left = sorted.length - SHOWN_LINES;
  if (left > 0) output.append(element("div", {}, t("shared.ranges.more", { count: left })));
}

function weight(line: RangeLine, use: ListUse): number {
  if (problemOf(line, use) !== undefined) return 2;
  return line.warning === undefined ? 0 : 1;
}

function lineElement(line: RangeLine, use: ListUse, t: Translate): HTMLElement {
  const problem = problemOf(line, use);
  if (problem !== undefined) {
    const text = t("shared.ranges.wrong", { line: line.line, reason: reason(problem, t) });
    return element("div", { class: "gatehouse-error" }, text);
  }
  const made = element("div", {}, meaning(line, t));
  if (line.warning === "everything") {
    made.append(element("div", { class: "gatehouse-caution" }, t("shared.ranges.everything")));
  }
  return made;
}

function meaning(line: RangeLine, t: Translate): string {
  const described = describeRange(line.text);
  if ("problem" in described) return line.text;
  const { kind, canonical, spans, count, hostBits } = described;
  const [span] = spans;
  if (kind === "name") return t("shared.ranges.name", { name: canonical, spans: joinSpans(spans) });
  if (span === undefined || span.first === span.last) return t("shared.ranges.one", { first: canonical });
  const text = t("shared.ranges.many", { count: group(count), first: span.first, last: span.last });
  return hostBits ? t("shared.ranges.hostBits", { typed: line.text, canonical, meaning: text }) : text;
}

function joinSpans(spans: readonly { readonly first: string; readonly last: string }[]): string {
  return spans.map(({ first, last }) => (first === last ? first : `${first} – ${last}`)).join(", ");
}

function group(digits: string): string {
  return BigInt(digits).toLocaleString(RED.i18n.lang() ?? undefined);
}
