import { randomBytes, randomUUID } from "node:crypto";

/** Raised where a case asks for something that the harness or the package does not have. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/** What a placeholder can stand for. */
export interface Values {
  /** Plain text of a fixture key, or undefined. */
  key(name: string): string | undefined;
  masked(name: string): string | undefined;
  storedHash(name: string): Promise<string | undefined>;
  /** A well-formed key that was never issued; its secret starts with as many characters of K1's. */
  forgedKey(sharedPrefix: number): string;
  splice(idOf: string, secretOf: string): string | undefined;
  keyPrefix: string;
  adminToken(user: string): Promise<string>;
  adminPath: string;
  fixtureSecret(name: string): string | undefined;
  nodeId(name: string): string | undefined;
}

export interface Scope {
  readonly values: Values;
  /** Results of earlier steps. */
  readonly steps?: readonly Readonly<Record<string, unknown>>[];
  /** Loop counter. */
  readonly i?: number;
}

type Expander = (argument: string, scope: Scope) => string | undefined | Promise<string | undefined>;

const expanders = new Map<string, Expander>([
  ["key", (argument, { values }) => keyText(argument, values)],
  ["forgedkey", (argument, { values }) => values.forgedKey(sharedPrefix(argument))],
  ["storedhash", (argument, { values }) => values.storedHash(argument)],
  ["masked", (argument, { values }) => values.masked(argument)],
  ["splice", (argument, { values }) => splice(argument, values)],
  ["admin", (argument, { values }) => values.adminToken(argument)],
  ["ADMIN", (_, { values }) => values.adminPath],
  ["fixture", (argument, { values }) => values.fixtureSecret(argument)],
  ["type", (argument) => argument],
  ["node", (argument, { values }) => values.nodeId(argument)],
  ["step", (argument, { steps }) => stepValue(argument, steps ?? [])],
  ["i", (_, { i }) => String(i ?? 0)],
  // No set of colliding strings is at hand for each Node release: plain integers, as the format allows.
  ["intlike", (_, { i }) => String(i ?? 0)],
  ["uuid", () => randomUUID()],
  ["now", () => String(Math.floor(Date.now() / 1000))],
  ["randomIPv6", () => randomAddress()],
]);

const awaited = new Set(["sig", "ts", "nonce", "digest", "login"]);

const innermost = /\{\{([A-Za-z]+)((?:[:|][^{}]*)?)\}\}/g;
const repetition = /\{\{repeat:((?:(?!\{\{)[\s\S])*?):(\d+)\}\}/g;

/** Replaces every placeholder of a text; one that is not of the format stays as it is. */
export async function expand(text: string, scope: Scope): Promise<string> {
  if (!text.includes("{{")) return text;
  const parts: string[] = [];
  let end = 0;
  for (const match of text.matchAll(innermost)) {
    parts.push(text.slice(end, match.index), await replacement(match, scope));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  const replaced = parts.join("");
  return replaced.replace(repetition, (_, repeated: string, times: string) => repeated.repeat(Number(times)));
}

async function replacement([whole, name = "", argument = ""]: RegExpExecArray, scope: Scope): Promise<string> {
  if (name === "repeat" || name === "repeatHeaders" || name === "slow") return whole;
  if (awaited.has(name)) throw new Unsupported(`placeholder {{${name}}}`);
  const expander = expanders.get(name);
  if (!expander) return whole;
  const value = await expander(argument.slice(1), scope);
  if (value === undefined) throw new Unsupported(`placeholder ${whole}`);
  return value;
}

function sharedPrefix(argument: string): number {
  return Number(/sharePrefix:(\d+)/.exec(argument)?.[1] ?? 0);
}

function splice(argument: string, values: Values): string | undefined {
  const [, idOf, secretOf] = /^(.+)\.id\+(.+)\.secret$/.exec(argument) ?? [];
  return idOf && secretOf ? values.splice(idOf, secretOf) : undefined;
}

function keyText(argument: string, values: Values): string | undefined {
  const [name = "", ...filters] = argument.split("|");
  return filters.reduce<string | undefined>((text, filter) => {
    return text === undefined ? undefined : filtered(text, filter.trim(), values);
  }, values.key(name.trim()));
}

function filtered(text: string, filter: string, values: Values): string | undefined {
  const [name, argument = ""] = filter.split(/:(.*)/s);
  if (name === "slice") {
    const [from, to] = argument.split(",").map(Number);
    return text.slice(from, to);
  }
  if (name === "upper") return text.toUpperCase();
  if (name === "lower") return text.toLowerCase();
  if (name === "reverse") return [...text].reverse().join("");
  if (name === "mutate") return mutated(text, argument);
  if (name === "prefix") return text.replace(/_(live|test)_/, `_${argument}_`);
  if (name === "secretpart") return text.slice(text.indexOf("_", values.keyPrefix.length + "_live_".length) + 1);
  throw new Unsupported(`filter ${filter}`);
}

function mutated(text: string, which: string): string {
  const at = which === "first" ? 0 : which === "middle" ? Math.floor(text.length / 2) : text.length - 1;
  return `${text.slice(0, at)}${text[at] === "x" ? "y" : "x"}${text.slice(at + 1)}`;
}

function stepValue(argument: string, steps: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const [, number, name] = /^(\d+)\.(.+)$/.exec(argument) ?? [];
  const value = number && name ? steps[Number(number)]?.[name] : undefined;
  return value === undefined ? undefined : String(value);
}

function randomAddress(): string {
  const groups = randomBytes(12).toString("hex").match(/.{4}/g) ?? [];
  return ["2001", "db8", ...groups].join(":");
}

const basicCredentials = /\bBasic +([A-Za-z0-9+/]{8,}={0,2})/gi;

/** Replaces the placeholders inside base64-encoded Basic credentials. */
export async function expandCredentials(text: string, scope: Scope): Promise<string> {
  const replaced = new Map<string, string>();
  for (const [, encoded = ""] of text.matchAll(basicCredentials)) {
    const decoded = Buffer.from(encoded, "base64").toString("utf8");
    if (!decoded.includes("{{")) continue;
    replaced.set(encoded, Buffer.from(await expand(decoded, scope), "utf8").toString("base64"));
  }
  return [...replaced].reduce((all, [encoded, expanded]) => all.replaceAll(encoded, expanded), text);
}
