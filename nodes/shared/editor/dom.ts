type Attributes = Readonly<Record<string, string>>;

/** An element with attributes and children. Text is always text, never HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button in the editor's own look. With an icon only, `text` is its label for screen readers and its tooltip. */
export function button(text: string, icon: string, onClick: () => void, iconOnly = false): HTMLButtonElement {
  const made = element("button", { type: "button", class: "red-ui-button red-ui-button-small" });
  made.append(element("i", { class: `fa ${icon}`, "aria-hidden": "true" }));
  if (iconOnly) {
    made.setAttribute("aria-label", text);
    made.title = text;
  } else {
    made.append(` ${text}`);
  }
  made.addEventListener("click", (event) => {
    event.preventDefault();
    onClick();
  });
  return made;
}

/** A select with `[value, text]` options. */
export function select(
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  value: string,
): HTMLSelectElement {
  const made = element("select", { "aria-label": label });
  for (const [option, text] of options) made.append(element("option", { value: option }, text));
  made.value = value;
  return made;
}

/** A text input that is named by its placeholder as well as for screen readers. */
export function input(label: string, value: string, attributes: Attributes = {}): HTMLInputElement {
  const made = element("input", {
    type: "text",
    "aria-label": label,
    placeholder: label,
    autocomplete: "off",
    spellcheck: "false",
    ...attributes,
  });
  made.value = value;
  return made;
}

/** A checkbox with its text behind it. */
export function checkbox(text: string, checked: boolean): { row: HTMLLabelElement; box: HTMLInputElement } {
  const box = element("input", { type: "checkbox" });
  box.checked = checked;
  return { row: element("label", { class: "gatehouse-checkbox" }, box, ` ${text}`), box };
}

/** The form field with this id. Throws when the form has none, which is a mistake in the form. */
export function field<T extends HTMLElement = HTMLInputElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The form has no field "${id}"`);
  return found as T;
}

/** Shows or hides without touching the display property that the editor's styles set. */
export function show(target: HTMLElement, visible: boolean): void {
  target.hidden = !visible;
  target.classList.toggle("hide", !visible);
}
