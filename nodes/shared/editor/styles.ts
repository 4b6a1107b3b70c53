import { element } from "./dom.ts";
import forms from "./forms.css";
import records from "./records.css";

/** Puts the stylesheets of this package's forms into the page, once. */
export function addStyles(): void {
  if (document.getElementById("gatehouse-styles") !== null) return;
  document.head.append(element("style", { id: "gatehouse-styles" }, forms, records));
}
