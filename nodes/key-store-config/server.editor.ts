import type { Translate } from "../shared/editor/text.ts";

/** Schemes of each back end that is a database server, the usual one first. */
const schemes: ReadonlyMap<string, readonly string[]> = new Map([
  ["redis", ["redis:", "rediss:"]],
  ["postgres", ["postgres:", "postgresql:"]],
]);

export function isServer(backend: string): boolean {
  return schemes.has(backend);
}

/** What is read when the flow starts: a variable of the environment, or a file. */
function isElsewhere(text: string): boolean {
  return /^\$\{[^}]+\}$|^file:./u.test(text);
}

/** A validator's answer for the address of a database server. It is part of the flow, so no password may be in it. */
export function judgeAddress(backend: string, address: string, t: Translate): true | string {
  const text = address.trim();
  const expected = schemes.get(backend);
  if (expected === undefined || isElsewhere(text)) return true;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !expected.includes(url.protocol) || hostOf(url) === "") {
    return t("error.url", { example: `${expected[0]}//` });
  }
  return url.password === "" || t("error.urlPassword");
}

/** The server's name, for labels; nothing that could be secret. */
export function placeOf(address: string): string {
  const text = address.trim();
  if (isElsewhere(text)) return text;
  return (URL.canParse(text) && hostOf(new URL(text))) || "?";
}

/** PostgreSQL's way to name a socket's folder is a parameter. */
function hostOf(url: URL): string {
  return url.host || (url.searchParams.get("host") ?? "");
}

/** Whether PostgreSQL's tables can be in a schema of this name. */
export function isSchema(name: string): boolean {
  return /^(?!pg_)[a-z_][a-z0-9_]{0,39}$/u.test(name);
}
