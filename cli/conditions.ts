import { type Given, type Options, UsageError } from "./command.ts";
import { dateOf, limitOf, metadataOf, numberOf } from "./values.ts";

/** Options for what must hold when a key or user is used. */
export const conditionOptions: Options = {
  description: { type: "string", value: "TEXT", help: "for people" },
  environment: { type: "string", value: "WORD", help: "production (default) or sandbox" },
  scope: { type: "string", multiple: true, value: "SCOPE", help: "what it may do; may be repeated" },
  address: { type: "string", multiple: true, value: "RANGE", help: "from where; may be repeated; none means anywhere" },
  limit: { type: "string", value: "N/TIME", help: "requests in a time, as 100/1m" },
  "not-before": { type: "string", value: "DATE", help: "as 2030-01-31, 2030-01-31T12:00:00Z or 7d from now" },
  expires: { type: "string", value: "DATE", help: "as --not-before" },
  metadata: { type: "string", multiple: true, value: "NAME=VALUE", help: "for programs; may be repeated" },
};

/** The same for a record that exists. */
export const changeOptions: Options = {
  ...conditionOptions,
  limit: { type: "string", value: "N/TIME", help: "requests in a time, as 100/1m, or none" },
  "not-before": { type: "string", value: "DATE", help: "as 2030-01-31, 2030-01-31T12:00:00Z, 7d from now, or never" },
  "no-scopes": { type: "boolean", help: "takes all scopes away" },
  "no-addresses": { type: "boolean", help: "lets it be used from anywhere" },
  "if-version": { type: "string", value: "N", help: "only if nobody changed it since" },
};

/** What the options say, as the operations take it. Throws a `UsageError`. */
export function conditionsOf(given: Given, now: number): Readonly<Record<string, unknown>> {
  return present({
    description: given.text("description"),
    environment: given.text("environment"),
    scopes: listOf(given, "scope", "no-scopes"),
    addresses: listOf(given, "address", "no-addresses"),
    limit: limitOf(given.text("limit")),
    notBefore: dateOf(given.text("not-before"), now),
    expiresAt: dateOf(given.text("expires"), now),
    metadata: metadataOf(given.list("metadata")),
  });
}

/** For a record that does not exist yet: what would be taken away is not there. */
export function newConditionsOf(given: Given, now: number): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(conditionsOf(given, now)).filter(([, value]) => value !== null));
}

/** The version that the record must have. Throws a `UsageError`. */
export function versionOf(given: Given): { readonly version?: number } {
  const version = numberOf("if-version", given.text("if-version"));
  return version === undefined ? {} : { version };
}

export function present(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function listOf(given: Given, option: string, none: string): readonly string[] | undefined {
  const items = given.list(option);
  if (!given.flag(none)) return items;
  if (items !== undefined) throw new UsageError(`--${option} and --${none} contradict each other.`);
  return [];
}
