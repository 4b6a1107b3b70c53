import { ApiError, callApi } from "./api.ts";
import { button, element, field } from "./dom.ts";
import { isNoNode } from "./fields.ts";
import { addStyles } from "./styles.ts";
import type { Translate } from "./text.ts";

const COUNTED = 100;

/** Says below the key store's select what is missing on the way to a working key, and leads there. */
export function prepareStoreState(t: Translate): void {
  addStyles();
  const state = field<HTMLElement>("gatehouse-store-state");
  // The editor replaces the form's input by a select, and rebuilds its options after a store was added.
  const update = () => showState(state, String($("#node-input-store").val() ?? ""), t);
  $("#node-input-store").on("change", update);
  update();
}

function showState(state: HTMLElement, storeId: string, t: Translate): void {
  if (isNoNode(storeId)) {
    state.replaceChildren(note(t("shared.store.none")));
    return;
  }
  const open = button(t("shared.store.open"), "fa-key", () => $("#node-input-btn-store-edit").trigger("click"));
  state.dataset.store = storeId;
  state.replaceChildren(open);
  void describe(storeId, t).then((text) => {
    if (state.dataset.store === storeId) state.replaceChildren(note(text), open);
  });
}

function note(text: string): HTMLElement {
  return element("div", { class: "gatehouse-note" }, text);
}

async function describe(storeId: string, t: Translate): Promise<string> {
  try {
    const [keys, users] = await Promise.all([count(storeId, "keys"), count(storeId, "users")]);
    if (keys === 0 && users === 0) return t("shared.store.noneInside");
    return t("shared.store.inside", { keys: shown(keys, t), users: shown(users, t) });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return t("shared.store.notDeployed");
    return t("shared.store.unavailable", { reason: error instanceof Error ? error.message : "" });
  }
}

async function count(storeId: string, kind: "keys" | "users"): Promise<number> {
  const { items } = await callApi<{ readonly items: readonly unknown[] }>(
    "GET",
    `stores/${encodeURIComponent(storeId)}/${kind}?limit=${COUNTED}`,
  );
  return items.length;
}

function shown(value: number, t: Translate): string {
  return value < COUNTED ? String(value) : t("shared.store.many", { count: COUNTED - 1 });
}
