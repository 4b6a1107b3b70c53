import type { Carrier, RequestFacts } from "../check.ts";
import { ConfigError } from "../errors.ts";
import { parseSchemeToken } from "../http/authorization.ts";
import { cookieValues } from "../http/cookies.ts";
import { fieldValues } from "../http/header-fields.ts";
import { queryValues } from "../http/query.ts";

/** Where a token may be. */
export interface TokenCarrier {
  readonly in: "header" | "query" | "cookie";
  readonly name: string;
  /** For the header `Authorization`: the scheme before the token, in any case. Empty for a bare token. */
  readonly scheme?: string;
}

export interface FoundToken {
  readonly carrier: Carrier;
  /** Undefined when what is there cannot be a token. */
  readonly token: string | undefined;
  /** It came after the scheme `Bearer` of RFC 6750. */
  readonly isBearer?: boolean;
}

type Read = (facts: RequestFacts) => readonly FoundToken[];

interface Place {
  readonly carrier: Carrier;
  /** In lower case; an empty one stands for a bare token. */
  readonly schemes: Set<string>;
}

/** RFC 9110 §5.6.2. */
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

/** Bytes; longer than any key made here (R37). */
const TOKEN_LIMIT = 256;

/** Compiles carriers to a function that finds every token of a request. Throws a `ConfigError` for a carrier that cannot be. */
export function tokenReader(carriers: readonly TokenCarrier[]): Read {
  if (carriers.length === 0) throw new ConfigError("carriers", "Nothing is named to take the token from.");
  const readers = places(carriers).map(placeReader);
  const [only] = readers;
  return readers.length === 1 && only ? only : (facts) => readers.flatMap((read) => read(facts));
}

/** `Authorization` with several schemes is still one place. */
function places(carriers: readonly TokenCarrier[]): readonly Place[] {
  const found = new Map<string, Place>();
  for (const { in: where, name, scheme = "" } of carriers) {
    if (!fieldName.test(name)) throw new ConfigError("carriers", `"${name}" cannot be the name of a ${where}.`);
    if (scheme !== "" && !fieldName.test(scheme)) throw new ConfigError("carriers", `"${scheme}" cannot be a scheme.`);
    const carrier: Carrier = { in: where, name: where === "header" ? name.toLowerCase() : name };
    const id = `${carrier.in} ${carrier.name}`;
    const place = found.get(id) ?? { carrier, schemes: new Set() };
    place.schemes.add(scheme.toLowerCase());
    found.set(id, place);
  }
  return [...found.values()];
}

function placeReader({ carrier, schemes }: Place): Read {
  const found = (value: string): FoundToken => ({ carrier, token: plausible(value) });
  switch (carrier.in) {
    case "header":
      return (facts) => readField(fieldValues(facts.rawHeaders, carrier.name), carrier, schemes);
    case "query":
      return (facts) => queryValues(facts.target, carrier.name).map(found);
    case "cookie":
      return (facts) => cookieValues(fieldValues(facts.rawHeaders, "cookie"), carrier.name).map(found);
  }
}

function readField(values: readonly string[], carrier: Carrier, schemes: Set<string>): readonly FoundToken[] {
  const [value, second] = values;
  if (value === undefined) return [];
  // A second line makes the first one doubtful, whatever scheme either has.
  if (second !== undefined) return values.map(() => ({ carrier, token: undefined }));
  for (const scheme of schemes) {
    const parsed = scheme === "" ? undefined : parseSchemeToken(value, scheme);
    if (parsed?.kind === "ok") return [{ carrier, token: plausible(parsed.token), isBearer: scheme === "bearer" }];
    if (parsed?.kind === "malformed") return [{ carrier, token: undefined }];
  }
  return schemes.has("") ? [{ carrier, token: plausible(value) }] : [];
}

/** Visible ASCII without blanks, of a length that a token may have. */
function plausible(text: string): string | undefined {
  if (text.length === 0 || text.length > TOKEN_LIMIT) return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f) return undefined;
  }
  return text;
}
