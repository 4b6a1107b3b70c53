import { callApi } from "./api.ts";
import { button, element, input } from "./dom.ts";
import { conditionFields, daysAhead, endOfDay, environmentSelect, grid } from "./record-form.ts";
import { confirmed, explain, type ListedRecord, type Page, recordTable, type TableKind } from "./record-table.ts";
import { curlLine, reveal } from "./reveal.ts";
import type { Translate } from "./text.ts";

const PAGE = 50;
/** Long enough to be of use, short enough that a forgotten key ends. */
const USUAL_DAYS = 365;

/** The keys and users of a deployed store, to look through, add and revoke. Nothing of it waits for a deploy. */
export function storeTables(place: HTMLElement, storeId: string, t: Translate): Promise<void> {
  const refreshKeys = recordTable(place, keyKind(storeId, t), t);
  return refreshKeys().then(() => {
    // A store that is not deployed says so once.
    if (place.querySelector("button:not([hidden])") === null) return undefined;
    return recordTable(place, userKind(storeId, t), t)();
  });
}

function path(storeId: string, kind: Kind): string {
  return `stores/${encodeURIComponent(storeId)}/${kind}`;
}

function load(storeId: string, kind: Kind, after: string | undefined): Promise<Page> {
  const query = after === undefined ? "" : `&after=${encodeURIComponent(after)}`;
  return callApi("GET", `${path(storeId, kind)}?limit=${PAGE}${query}`);
}

function keyKind(storeId: string, t: Translate): TableKind {
  return {
    title: t("shared.keys.title"),
    empty: t("shared.keys.none"),
    createText: t("shared.keys.create"),
    masked: true,
    load: (after) => load(storeId, "keys", after),
    openForm: (place, done) => openKeyForm(place, storeId, done, t),
    actions: (record, changed) =>
      record.state === "revoked" ? [] : [revokeButton(storeId, "keys", record, changed, t)],
  };
}

function userKind(storeId: string, t: Translate): TableKind {
  return {
    title: t("shared.users.title"),
    empty: t("shared.users.none"),
    createText: t("shared.users.create"),
    masked: false,
    load: (after) => load(storeId, "users", after),
    openForm: (place, done) => openUserForm(place, storeId, done, t),
    actions: (record, changed) =>
      record.state === "revoked" ? [] : [revokeButton(storeId, "users", record, changed, t)],
  };
}

type Kind = "keys" | "users";

function revokeButton(storeId: string, kind: Kind, { id, name }: ListedRecord, changed: () => void, t: Translate) {
  const act = () => run(callApi("POST", `${path(storeId, kind)}/${encodeURIComponent(id)}/revoke`, {}), changed, t);
  const label = t(`shared.${kind}.revokeOf`, { name });
  return confirmed(t("shared.keys.revoke"), label, "fa-ban", t(`shared.${kind}.revokeSure`, { name }), act);
}

function run(request: Promise<unknown>, changed: () => void, t: Translate): void {
  request.then(changed, (error) => RED.notify(escapeText(explain(error, t)), "error"));
}

/** Notices are shown as HTML. */
function escapeText(text: string): string {
  return element("div", {}, text).innerHTML;
}

function openKeyForm(place: HTMLElement, storeId: string, done: (changed: boolean) => void, t: Translate): void {
  const name = input(t("shared.keys.name"), "");
  const environment = environmentSelect("production", t);
  const conditions = conditionFields({ scopes: [], addresses: [] }, t);
  const expires = input(t("shared.keys.expires"), daysAhead(USUAL_DAYS), {
    type: "date",
    title: t("shared.keys.expiresHint"),
  });
  const fields = grid(
    [t("shared.keys.name"), name],
    [t("shared.keys.environment"), environment],
    [t("shared.keys.scopes"), conditions.scopes],
    [t("shared.keys.addresses"), conditions.addressBox],
    [t("shared.keys.expires"), expires],
  );
  const create = async (box: HTMLElement) => {
    if (name.value.trim() === "") throw new Error(t("shared.keys.nameNeeded"));
    const { secret } = await callApi<{ readonly secret: string }>("POST", path(storeId, "keys"), {
      name: name.value.trim(),
      environment: environment.value,
      ...conditions.read(),
      ...(expires.value !== "" && { expiresAt: endOfDay(expires.value) }),
    });
    box.remove();
    reveal(place, secret, curlLine(secret), t, () => done(false));
    done(true);
  };
  formBox(place, fields, name, create, () => done(false), t);
}

function openUserForm(place: HTMLElement, storeId: string, done: (changed: boolean) => void, t: Translate): void {
  const name = input(t("shared.users.name"), "");
  const password = input(t("shared.users.password"), "", { type: "password", autocomplete: "new-password" });
  const environment = environmentSelect("production", t);
  const conditions = conditionFields({ scopes: [], addresses: [] }, t);
  const fields = grid(
    [t("shared.users.name"), name],
    [t("shared.users.password"), password],
    [t("shared.keys.environment"), environment],
    [t("shared.keys.scopes"), conditions.scopes],
    [t("shared.keys.addresses"), conditions.addressBox],
  );
  const create = async (box: HTMLElement) => {
    if (name.value.trim() === "" || password.value === "") throw new Error(t("shared.users.needed"));
    await callApi("POST", path(storeId, "users"), {
      name: name.value.trim(),
      password: password.value,
      environment: environment.value,
      ...conditions.read(),
    });
    password.value = "";
    box.remove();
    done(true);
  };
  formBox(place, fields, name, create, () => done(false), t);
}

function formBox(
  place: HTMLElement,
  fields: HTMLElement,
  first: HTMLElement,
  create: (box: HTMLElement) => Promise<void>,
  cancelled: () => void,
  t: Translate,
): void {
  const problem = element("div", { class: "gatehouse-error", role: "alert" });
  const ok = button(t("shared.keys.create2"), "fa-check", () => {
    ok.disabled = true;
    problem.textContent = "";
    create(box).catch((error: unknown) => {
      ok.disabled = false;
      problem.textContent = error instanceof Error ? error.message : String(error);
    });
  });
  ok.classList.add("primary");
  const cancel = button(t("shared.keys.cancel"), "fa-times", () => {
    box.remove();
    cancelled();
  });
  const box = element("div", { class: "gatehouse-box" }, fields, problem);
  box.append(element("div", { class: "gatehouse-actions" }, ok, cancel));
  place.replaceChildren(box);
  first.focus();
}
