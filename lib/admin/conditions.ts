import type { ConfigError } from "../errors.ts";
import { compileRanges } from "../net/ip-range.ts";
import type { Conditions } from "../records.ts";
import { futureDate, nearDate } from "./date.ts";
import {
  checked,
  child,
  clearable,
  fail,
  integer,
  isObject,
  list,
  object,
  optional,
  type Problem,
  type Reader,
  word,
} from "./reader.ts";
import { prose, scopeList } from "./text.ts";

// Together below the 64 Ki characters that a store takes of one record.
const metadataLimit = 20;
const addressTextLimit = 36_000;
const metadataName = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;
const metadataValue = prose(500);
const longestWindowSeconds = 31 * 24 * 3600;

export const environment = word("production", "sandbox");
export const keyKind = word("server", "client");
export const description = prose(500);

export const limit: Reader<Conditions["limit"]> = (value, pointer, problems) => {
  const read = limitMembers(value, pointer, problems);
  return read && { requests: read.requests, windowMs: read.windowSeconds * 1000 };
};
const limitMembers = object({ requests: integer(1, 1e9), windowSeconds: integer(1, longestWindowSeconds) });

const addressEntry = checked((text) => {
  if (text.length > 200) return "takes at most 200 characters";
  if (/[\r\n]/.test(text)) return "takes one address or range";
  return text.trim() === text && text !== "" ? undefined : "may not be empty, nor begin or end with a blank";
});
const addressEntries = list(addressEntry, 1000);

/** Addresses and ranges by the same rules as the address list's. */
export const addressList: Reader<readonly string[]> = (value, pointer, problems) => {
  const before = problems.length;
  const entries = addressEntries(value, pointer, problems);
  if (!entries || problems.length > before) return undefined;
  if (JSON.stringify(entries).length > addressTextLimit) return fail(problems, pointer, "is too long");
  try {
    compileRanges(entries, { option: "addresses" });
    return entries;
  } catch (error) {
    for (const line of (error as ConfigError).message.split("\n")) problems.push({ pointer, detail: line });
    return undefined;
  }
};

/** Notes for programs: names of letters, digits and `._-`, values of text. */
export const metadata: Reader<Readonly<Record<string, string>>> = (value, pointer, problems) => {
  if (!isObject(value)) return fail(problems, pointer, "must be an object");
  const entries = Object.entries(value);
  if (entries.length > metadataLimit) return fail(problems, pointer, `takes at most ${metadataLimit} members`);
  const read = entries.map(([name, text]) => {
    const at = child(pointer, name);
    if (!metadataName.test(name)) fail(problems, at, "has a name that is not 1 to 64 letters, digits and ._-");
    return [name, metadataValue(text, at, problems) ?? ""] as const;
  });
  return Object.fromEntries(read);
};

/** The members with which a new key or user gets its conditions. `allow` is `addresses` by another name. */
export function newConditions(now: () => number) {
  return {
    description: optional(description),
    environment: optional(environment),
    scopes: optional(scopeList),
    addresses: optional(addressList),
    allow: optional(addressList),
    limit: optional(limit),
    notBefore: optional(nearDate(now)),
    expiresAt: optional(futureDate(now)),
    metadata: optional(metadata),
  };
}

/** The members with which a record's conditions are changed; null takes one away. */
export function changedConditions(now: () => number) {
  const dates = nearDate(now);
  return {
    ...newConditions(now),
    limit: clearable(limit),
    notBefore: clearable(dates),
    // A date in the past ends a key at once: what was meant when it was made cannot be meant here.
    expiresAt: clearable(dates),
  };
}

interface Aliased {
  readonly addresses?: readonly string[] | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly notBefore?: number | null | undefined;
  readonly expiresAt?: number | null | undefined;
}

/** Reads the members, then judges them together. */
export function together<T extends Aliased>(read: Reader<T>): Reader<Omit<T, "allow">> {
  return (value, pointer, problems) => {
    const body = read(value, pointer, problems);
    if (!body) return undefined;
    const { allow, ...members } = body;
    judgeTogether(body, pointer, problems);
    return { ...members, addresses: members.addresses ?? allow };
  };
}

function judgeTogether(
  { addresses, allow, notBefore, expiresAt }: Aliased,
  pointer: string,
  problems: Problem[],
): void {
  if (addresses && allow) fail(problems, child(pointer, "allow"), "says the same as addresses: give one of them");
  if (notBefore != null && expiresAt != null && notBefore >= expiresAt) {
    fail(problems, child(pointer, "notBefore"), "must be before expiresAt");
  }
}
