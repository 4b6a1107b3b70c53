/** A member of `RateLimit-Policy`; byte sequences in base64. */
export interface ParsedPolicy {
  readonly name: string;
  readonly q: number;
  readonly w?: number;
  /** Unit of the quota; requests where it is absent. */
  readonly qu?: string;
  readonly pk?: string;
}

/** A member of `RateLimit`. */
export interface ParsedLimit {
  readonly name: string;
  readonly r: number;
  readonly t?: number;
  readonly pk?: string;
}

type Value =
  | { readonly kind: "integer"; readonly value: number }
  | { readonly kind: "other" | "bytes" | "string"; readonly value: string };

interface Member {
  readonly name: string;
  readonly params: ReadonlyMap<string, Value>;
}

const mostCharacters = 8192;
// Bare items of RFC 9651 section 3.3, each from where the reader stands.
const stringItem = /"((?:[ !#-[\]-~]|\\["\\])*)"/y;
const paramName = /; *([a-z*][a-z0-9_.*-]*)/y;
const integerItem = /=(-?\d{1,15})(?![\d.])/y;
const bytesItem = /=:([A-Za-z0-9+/]*={0,2}):/y;
const otherItem = /=(-?\d{1,12}\.\d{1,3}|\?[01]|@-?\d{1,15}|[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*)/y;
const separator = /[ \t]*,[ \t]*/y;

/** Reads `RateLimit-Policy`; undefined when it is no such list. Parameters that are not known are passed over. */
export function parseRateLimitPolicy(text: string): readonly ParsedPolicy[] | undefined {
  return everyMember(text, ({ name, params }) => {
    const q = integer(params, "q", 0);
    const w = integer(params, "w", 1);
    const qu = params.get("qu");
    const pk = params.get("pk");
    if (typeof q !== "number" || w === "wrong" || isNot("string", qu) || isNot("bytes", pk)) return undefined;
    return {
      name,
      q,
      ...(w !== undefined && { w }),
      ...(qu && { qu: String(qu.value) }),
      ...(pk && { pk: String(pk.value) }),
    };
  });
}

/** Reads `RateLimit`; undefined when it is no such list. */
export function parseRateLimit(text: string): readonly ParsedLimit[] | undefined {
  return everyMember(text, ({ name, params }) => {
    const r = integer(params, "r", 0);
    const t = integer(params, "t", 0);
    const pk = params.get("pk");
    if (typeof r !== "number" || t === "wrong" || isNot("bytes", pk)) return undefined;
    return { name, r, ...(t !== undefined && { t }), ...(pk && { pk: String(pk.value) }) };
  });
}

function everyMember<T>(text: string, read: (member: Member) => T | undefined): readonly T[] | undefined {
  const items = parseList(text)?.map(read);
  return items?.every((item) => item !== undefined) ? items : undefined;
}

function integer(params: Member["params"], name: string, least: number): number | "wrong" | undefined {
  const param = params.get(name);
  if (param === undefined) return undefined;
  return param.kind === "integer" && param.value >= least ? param.value : "wrong";
}

function isNot(kind: Value["kind"], param: Value | undefined): boolean {
  return param !== undefined && param.kind !== kind;
}

/** A List whose members are Strings with parameters (RFC 9651 section 4.2.1). */
function parseList(text: string): readonly Member[] | undefined {
  if (text.length > mostCharacters) return undefined;
  const reader = readerOf(text.replace(/^ +| +$/g, ""));
  const members: Member[] = [];
  do {
    const name = reader.take(stringItem);
    const params = name === undefined ? undefined : paramsOf(reader);
    if (name === undefined || params === undefined) return undefined;
    members.push({ name: unescaped(name), params });
  } while (reader.take(separator) !== undefined);
  return reader.atEnd() ? members : undefined;
}

type Reader = ReturnType<typeof readerOf>;

function readerOf(text: string) {
  let position = 0;
  return {
    /** What the pattern captures, or all of it; undefined when it does not match here. */
    take(pattern: RegExp): string | undefined {
      pattern.lastIndex = position;
      const match = pattern.exec(text);
      if (match) position = pattern.lastIndex;
      return match?.[1] ?? match?.[0];
    },
    sees: (character: string) => text[position] === character,
    skip: () => void position++,
    atEnd: () => position === text.length,
  };
}

function paramsOf(reader: Reader): Map<string, Value> | undefined {
  const params = new Map<string, Value>();
  while (reader.sees(";")) {
    const name = reader.take(paramName);
    const value = name === undefined ? undefined : paramValue(reader);
    if (name === undefined || value === undefined) return undefined;
    params.set(name, value);
  }
  return params;
}

function paramValue(reader: Reader): Value | undefined {
  if (!reader.sees("=")) return { kind: "other", value: "?1" };
  const number = reader.take(integerItem);
  if (number !== undefined) return { kind: "integer", value: Number(number) };
  const bytes = reader.take(bytesItem);
  if (bytes !== undefined) return { kind: "bytes", value: bytes };
  const other = reader.take(otherItem);
  if (other !== undefined) return { kind: "other", value: other };
  reader.skip();
  const string = reader.take(stringItem);
  return string === undefined ? undefined : { kind: "string", value: unescaped(string) };
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\])/g, "$1");
}
