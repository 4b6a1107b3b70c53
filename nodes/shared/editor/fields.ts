import { field, show } from "./dom.ts";
import { addStyles } from "./styles.ts";
import { splitWords, type Translate } from "./text.ts";

/** The settings that every check has. */
interface CommonSettings {
  readonly scopes?: string[];
}

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/u;

/** Prepares the rows of `conditions.html`: scopes, environment, hide and observe. */
export function prepareConditions(node: CommonSettings): void {
  addStyles();
  prepareScopes(field("node-input-scope-words"), node.scopes ?? []);
  prepareObserve();
}

/** Fills a text field with scopes and marks it while one of them is no scope. */
export function prepareScopes(input: HTMLInputElement, scopes: readonly string[]): void {
  input.value = scopes.join(" ");
  const mark = () => input.classList.toggle("input-error", !splitWords(input.value).every(isScope));
  input.addEventListener("input", mark);
  mark();
}

/** The scopes as typed. For `oneditsave`: an array cannot be a form field. */
export function scopesFromForm(): string[] {
  return splitWords(field("node-input-scope-words").value);
}

/** RFC 6749, section 3.3: printable ASCII without space, double quote and backslash. */
export function isScope(word: string): boolean {
  return SCOPE.test(word);
}

/** Shows the caution below *observe* while it is on. */
export function prepareObserve(): void {
  addStyles();
  const box = field("node-input-observe");
  const caution = field<HTMLElement>("gatehouse-observe-caution");
  const update = () => show(caution, box.checked);
  $(box).on("change", update);
  update();
}

/** A validator's answer for a list of scopes. */
export function judgeScopes(scopes: unknown, t: Translate): true | string {
  const fine = Array.isArray(scopes) && scopes.every((scope) => typeof scope === "string" && isScope(scope));
  return fine || t("shared.error.scopes");
}

/** A validator's answer for the realm: what a header can carry, printable ISO 8859-1. */
export function judgeRealm(realm: string, t: Translate): true | string {
  return /^[\x20-\x7e\xa0-\xff]+$/u.test(realm) || t("shared.error.realm");
}

/** A validator's answer for a reference to a config node that may be left out. */
export function judgeOptionalNode(id: string, t: Translate): true | string {
  return isNoNode(id) || judgeNode(id, t("shared.error.networkGone"), t("shared.error.networkInvalid"));
}

/** A validator's answer for a key store that may be left out. */
export function judgeOptionalStore(id: string, t: Translate): true | string {
  return isNoNode(id) || judgeStore(id, t);
}

/** A validator's answer for the key store of a check. */
export function judgeStore(id: string, t: Translate): true | string {
  if (isNoNode(id)) return t("shared.error.noStore");
  return judgeNode(id, t("shared.error.storeGone"), t("shared.error.storeInvalid"));
}

/** `_ADD_` is what the editor's select holds when nothing is chosen. */
export function isNoNode(id: string | undefined): boolean {
  return id === undefined || id === "" || id === "_ADD_";
}

function judgeNode(id: string, gone: string, invalid: string): true | string {
  const node = RED.nodes.node(id);
  if (node === null || node === undefined) return gone;
  return node.valid !== false || invalid;
}
