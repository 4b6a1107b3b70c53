import { trimWhitespace } from "../http/header-fields.ts";
import { type Address, parseAddress } from "./address.ts";

/** Parameters of one hop, by name in lower case; quoted values without quotes and escapes. */
export type ForwardedElement = ReadonlyMap<string, string>;

/**
 * `token "=" ( token / quoted-string )`, RFC 9110 section 5.6, at a fixed place in the text. The parts of the quoted
 * string begin with different characters, so a failed match takes linear time too.
 */
const PAIR =
  /([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)")/y;
const COMMA_OR_END = /[\t ]*,[\t ]*|$/y;
const ESCAPE = /\\(.)/g;

const PORT = /^[0-9]{1,5}$/;
/** RFC 7239 section 6.3. */
const OBFUSCATED_PORT = /^_[0-9A-Za-z._-]+$/;

/** Characters that are looked at, in all fields of one name together. */
const MAX_LENGTH = 8192;

/** Whether a forwarding header is longer than any honest chain of proxies makes it. */
export function isTooLong(values: readonly string[]): boolean {
  return values.reduce((sum, value) => sum + value.length, 0) > MAX_LENGTH;
}

/**
 * Reads the values of all `Forwarded` fields as one list (RFC 7239 section 4); undefined unless every one of them keeps
 * to the grammar, and for more than 8 KiB. Each value is read for itself, so that a quote left open in one cannot
 * swallow the next.
 */
export function parseForwarded(values: readonly string[]): readonly ForwardedElement[] | undefined {
  if (isTooLong(values)) return undefined;
  const elements: ForwardedElement[] = [];
  return values.every((value) => appendElements(trimWhitespace(value), elements)) ? elements : undefined;
}

/**
 * The last `limit` entries of a list header such as `X-Forwarded-For`, the right-most first. Several fields are one
 * list; empty entries do not count (RFC 9110 section 5.6.1).
 */
export function lastEntries(values: readonly string[], limit: number): readonly string[] {
  const entries: string[] = [];
  for (const value of values.toReversed()) {
    for (let end = value.length; end >= 0 && entries.length < limit; ) {
      const comma = end === 0 ? -1 : value.lastIndexOf(",", end - 1);
      const entry = trimWhitespace(value.slice(comma + 1, end));
      if (entry !== "") entries.push(entry);
      end = comma;
    }
  }
  return entries;
}

/**
 * Address of an `X-Forwarded-For` entry, which may have a port; IPv6 needs brackets only with a port. Undefined for all
 * else, such as `unknown`.
 */
export function entryAddress(entry: string): Address | undefined {
  return nodeAddress(entry) ?? addressWithoutZone(entry);
}

/**
 * Address of a `for` parameter (RFC 7239 section 6): IPv6 in brackets always. Undefined for `unknown`, an obfuscated
 * identifier, and what is no node at all.
 */
export function nodeAddress(node: string): Address | undefined {
  const bracket = node.startsWith("[") ? node.indexOf("]") : -1;
  const colon = node.indexOf(":", bracket + 1);
  if (colon >= 0 && !isPort(node.slice(colon + 1))) return undefined;
  const name = colon < 0 ? node : node.slice(0, colon);
  if (bracket < 0) return addressWithoutZone(name);
  const inner = name.slice(1, -1);
  return bracket === name.length - 1 && inner.includes(":") ? addressWithoutZone(inner) : undefined;
}

function appendElements(text: string, elements: ForwardedElement[]): boolean {
  for (let at = 0; at >= 0; ) {
    const element = new Map<string, string>();
    const end = readElement(text, at, element);
    const delimiter = end < 0 ? undefined : matchAt(COMMA_OR_END, text, end)?.[0];
    if (delimiter === undefined) return false;
    // Nothing between two commas is no element (RFC 9110 section 5.6.1).
    if (end > at) elements.push(element);
    at = delimiter === "" ? -1 : end + delimiter.length;
  }
  return true;
}

/** Reads `[ pair ] *( ";" [ pair ] )` and returns where it ends, -1 where a parameter is repeated. */
function readElement(text: string, start: number, element: Map<string, string>): number {
  let at = start - 1;
  do {
    const pair = matchAt(PAIR, text, ++at);
    if (pair !== null && !addPair(element, pair)) return -1;
    at += pair?.[0].length ?? 0;
  } while (text[at] === ";");
  return at;
}

/** False for a parameter that the element has already: it may occur once (RFC 7239 section 4). */
function addPair(element: Map<string, string>, [, name = "", token, quoted = ""]: RegExpExecArray): boolean {
  const key = name.toLowerCase();
  if (element.has(key)) return false;
  element.set(key, token ?? quoted.replace(ESCAPE, "$1"));
  return true;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** A zone means something on the host that wrote it, not here. */
function addressWithoutZone(text: string): Address | undefined {
  return text.includes("%") ? undefined : parseAddress(text);
}

function isPort(text: string): boolean {
  return (PORT.test(text) && Number(text) <= 65_535) || OBFUSCATED_PORT.test(text);
}
