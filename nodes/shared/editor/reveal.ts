import { button, element } from "./dom.ts";
import type { Translate } from "./text.ts";

/**
 * Shows a secret once, with a button that copies it and, for a key, a line to try it with. Closing takes it out of the
 * page; `onClose` is for what comes after.
 */
export function reveal(
  place: HTMLElement,
  secret: string,
  curl: string | undefined,
  t: Translate,
  onClose: () => void,
) {
  const box = element("div", { class: "gatehouse-box gatehouse-reveal", role: "status" });
  const close = () => {
    box.replaceChildren();
    box.remove();
    onClose();
  };
  box.append(element("div", {}, t("shared.secret.once")), copyLine(secret, t));
  if (curl !== undefined) box.append(element("div", {}, t("shared.secret.curl")), copyLine(curl, t));
  const done = element("div", { class: "gatehouse-actions" }, button(t("shared.secret.close"), "fa-check", close));
  box.append(done);
  place.append(box);
  box.scrollIntoView({ block: "nearest" });
}

function copyLine(text: string, t: Translate): HTMLElement {
  const code = element("code", {}, text);
  const copy = button(
    t("shared.secret.copy"),
    "fa-clipboard",
    () => RED.clipboard.copyText(text, $(copy) as never, t("shared.secret.copied")),
    true,
  );
  return element("div", { class: "gatehouse-secret" }, code, copy);
}

/** A line for a shell that calls an endpoint with the key. The path is for the person to fill in. */
export function curlLine(key: string): string {
  const root = String(RED.settings.get("httpNodeRoot", "/")).replace(/^\/*|\/*$/gu, "");
  const base = `${window.location.origin}/${root === "" ? "" : `${root}/`}`;
  return `curl -H 'x-auth-token: ${key}' ${base}your/path`;
}
