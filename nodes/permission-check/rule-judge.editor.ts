import { isScope } from "../shared/editor/fields.ts";
import type { Translate } from "../shared/editor/text.ts";
import type { RuleEntry } from "./config.ts";

const METHOD = /^[A-Z][A-Z0-9-]{0,31}$/u;
const TIME = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/u;

/** A validator's answer for the rules, by what the node starts with. */
export function judgeRules(rules: unknown, t: Translate): true | string {
  if (!Array.isArray(rules) || rules.length === 0) return t("error.noRule");
  for (const [i, rule] of (rules as readonly RuleEntry[]).entries()) {
    const wrong = wrongIn(rule);
    if (wrong !== undefined) return t(`error.${wrong}`, { number: i + 1 });
  }
  return true;
}

export function areMethods(methods: readonly string[]): boolean {
  return methods.every((method) => METHOD.test(method));
}

/** `*`, or segments with names and a star at the end; nothing that has a second meaning in a path. */
export function isPattern(path: string): boolean {
  if (path === "*") return true;
  const parts = path.slice(1).split("/");
  if (parts.at(-1) === "*" || parts.at(-1) === "") parts.pop();
  const isPart = (part: string) => !/^$|^\.{1,2}$|^:$|[*\\;#?]|%[0-9a-f]{2}/iu.test(part);
  return path.startsWith("/") && path.length <= 1000 && parts.every(isPart);
}

/** Both empty, or two different times; one of them alone stands for the rest of the day. */
export function areHours({ from, to }: Pick<RuleEntry, "from" | "to">): boolean {
  const areTimes = [from, to].every((time) => time === "" || TIME.test(time));
  return areTimes && from !== "24:00" && (from || "00:00") !== (to || "24:00");
}

export function isTimed({ days, from, to }: RuleEntry): boolean {
  return days.length > 0 || from !== "" || to !== "";
}

function wrongIn(rule: RuleEntry): string | undefined {
  if (!areMethods(rule.methods)) return "methods";
  if (!isPattern(rule.path)) return "path";
  if (![...rule.allOf, ...rule.anyOf, ...rule.noneOf].every(isScope)) return "scopes";
  return areHours(rule) ? undefined : "hours";
}
