import { callApi, callApiAndWait } from "../shared/editor/api.ts";
import { button, element, field, input, select, show } from "../shared/editor/dom.ts";
import { curlLine, reveal } from "../shared/editor/reveal.ts";
import type { Translate } from "../shared/editor/text.ts";
import type { KeyStoreEntry } from "./config.ts";
import type { SlotSecrets } from "./slot-secrets.editor.ts";

type Facts = Pick<KeyStoreEntry, "type" | "name" | "environment">;

/** What the runtime made of a secret: `slot` is the text that the credential holds, never the secret itself. */
interface Made {
  readonly slot: string;
  readonly id?: string;
  readonly secret?: string;
  readonly warning?: string;
}

export interface EntrySecret {
  readonly element: HTMLElement;
  /** Forgets the secret: it belonged to another kind of entry. */
  reset(): void;
  environmentChanged(): void;
  /** Has what is typed hashed while the editor waits, and returns what the entry says of its secret. */
  settle(): Pick<KeyStoreEntry, "source" | "id">;
}

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/u;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LENGTH = 12;

/** The row of an entry in which its secret is made, typed, or named as an environment variable. */
export function entrySecret(entry: KeyStoreEntry, secrets: SlotSecrets, t: Translate, facts: () => Facts): EntrySecret {
  const row: Row = { slot: entry.slot, id: entry.id, secrets, t, facts, view: secretView(entry.source, t) };
  const { source, typed, variable, generate } = row.view;
  generate.addEventListener("click", () => generateKey(row));
  typed.addEventListener("change", () => hashTyped(row));
  variable.addEventListener("input", () => takeVariable(row));
  source.addEventListener("change", () => reset(row));
  update(row);
  return {
    element: row.view.element,
    reset: () => reset(row),
    environmentChanged: () => {
      if (facts().type === "key" && source.value === "stored" && secrets.has(row.slot)) reset(row);
    },
    settle: () => settle(row),
  };
}

interface Row {
  readonly slot: number;
  id: string;
  readonly secrets: SlotSecrets;
  readonly t: Translate;
  readonly facts: () => Facts;
  readonly view: ReturnType<typeof secretView>;
}

function update({ view, facts, secrets, slot, t }: Row, note = ""): void {
  const { source, typed, variable, generate, state } = view;
  const isEnvironment = source.value === "environment";
  const isKey = facts().type === "key";
  show(variable, isEnvironment);
  show(typed, !isEnvironment);
  show(generate, !isEnvironment && isKey);
  typed.placeholder = t(isKey ? "secret.ownToken" : "secret.password");
  typed.setAttribute("aria-label", typed.placeholder);
  showState(state, secrets.has(slot), isEnvironment, note, t);
}

function generateKey(row: Row): void {
  const { view, facts, t } = row;
  const { environment } = facts();
  const prefix = field("node-config-input-prefix").value;
  callApi<Made>("POST", "entries", { type: "key", prefix, environment }).then(
    (made) => {
      take(row, made);
      view.revealPlace.replaceChildren();
      if (made.secret !== undefined) reveal(view.revealPlace, made.secret, curlLine(made.secret), t, () => undefined);
    },
    (error) => fail(row, error),
  );
}

function hashTyped(row: Row): void {
  const { typed } = row.view;
  const text = typed.value;
  if (text === "") return;
  callApi<Made>("POST", "entries", typedRequest(row)).then(
    (made) => {
      if (typed.value !== text) return;
      typed.value = "";
      take(row, made);
    },
    (error) => fail(row, error),
  );
}

function takeVariable(row: Row): void {
  const { variable } = row.view;
  const isName = ENV_NAME.test(variable.value);
  variable.classList.toggle("input-error", variable.value !== "" && !isName);
  if (isName) row.secrets.set(row.slot, `\${${variable.value}}`);
  update(row);
}

function take(row: Row, made: Made): void {
  row.secrets.set(row.slot, made.slot);
  if (made.id !== undefined) row.id = made.id;
  update(row, made.warning);
}

function fail({ view, t }: Row, error: unknown): void {
  view.state.className = "gatehouse-explanation gatehouse-error";
  view.state.textContent = t("shared.keys.failed", { reason: error instanceof Error ? error.message : String(error) });
}

function reset(row: Row): void {
  const { typed, variable, revealPlace } = row.view;
  row.secrets.clear(row.slot);
  typed.value = "";
  variable.value = "";
  revealPlace.replaceChildren();
  update(row);
}

function settle(row: Row): Pick<KeyStoreEntry, "source" | "id"> {
  const { source, typed } = row.view;
  if (source.value === "stored" && typed.value !== "") hashWhileWaiting(row);
  const isKey = row.facts().type === "key";
  return { source: source.value as KeyStoreEntry["source"], id: isKey ? row.id || randomId() : "" };
}

function hashWhileWaiting(row: Row): void {
  try {
    take(row, callApiAndWait<Made>("POST", "entries", typedRequest(row)));
  } catch (error) {
    RED.notify(row.t("error.notHashed"), "error");
    fail(row, error);
  }
  row.view.typed.value = "";
}

function typedRequest(row: Row): object {
  const { type, name } = row.facts();
  const text = row.view.typed.value;
  if (type === "user") return { type: "user", name, password: text };
  row.id ||= randomId();
  return { type: "token", token: text, id: row.id, ...row.secrets.masterKey() };
}

function secretView(chosen: KeyStoreEntry["source"], t: Translate) {
  const source = select(
    t("secret.source"),
    [
      ["stored", t("secret.stored")],
      ["environment", t("secret.environment")],
    ],
    chosen,
  );
  const typed = input("", "", { type: "password", autocomplete: "new-password" });
  const variable = input(t("secret.variable"), "");
  const generate = button(t("secret.generate"), "fa-magic", () => undefined);
  generate.classList.remove("red-ui-button-small");
  source.classList.add("gatehouse-source");
  typed.classList.add("gatehouse-typed");
  variable.classList.add("gatehouse-typed");
  const state = element("div", { "aria-live": "polite" });
  const revealPlace = element("div");
  const line = element("div", { class: "gatehouse-line" }, source, generate, typed, variable);
  return {
    element: element("div", {}, line, state, revealPlace),
    source,
    typed,
    variable,
    generate,
    state,
    revealPlace,
  };
}

function showState(state: HTMLElement, isSet: boolean, isEnvironment: boolean, note: string, t: Translate): void {
  if (!isSet) {
    state.className = "gatehouse-explanation gatehouse-error";
    state.textContent = t(isEnvironment ? "secret.needsVariable" : "secret.needed");
    return;
  }
  state.className = "gatehouse-explanation";
  state.textContent = `${t(isEnvironment ? "secret.fromEnvironment" : "secret.set")} ${note}`.trim();
}

/** An id as generated keys have it: 12 characters of base62, about 71 bits. */
function randomId(): string {
  let id = "";
  while (id.length < ID_LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(ID_LENGTH))) {
      // Above the largest multiple of 62 the remainders would not be even.
      if (byte < 248 && id.length < ID_LENGTH) id += ALPHABET[byte % ALPHABET.length];
    }
  }
  return id;
}
