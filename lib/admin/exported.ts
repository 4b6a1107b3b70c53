import { normaliseUserName } from "../names.ts";
import type { KeyRecord, UserRecord } from "../records.ts";
import { isUsableHash } from "../secrets/password-hash.ts";
import { addressList, description, environment, keyKind, limit, metadata } from "./conditions.ts";
import { parseDateTime } from "./date.ts";
import {
  boolean,
  checked,
  fail,
  isObject,
  list,
  object,
  optional,
  type Read,
  type Reader,
  string,
  word,
} from "./reader.ts";
import { prose, scopeList, visibleName } from "./text.ts";

/** A key or user as `exportLines` writes it with digests. Version and last change are those of the store it goes into. */
export type Exported =
  | { readonly type: "key"; readonly record: Moved<KeyRecord> }
  | { readonly type: "user"; readonly record: Moved<UserRecord> };
type Moved<R> = Omit<R, "version" | "updatedAt" | "updatedBy">;

/** Dates of another store may be long ago. */
const date: Reader<number> = (value, pointer, problems) => {
  const text = string(value, pointer, problems);
  if (text === undefined) return undefined;
  return parseDateTime(text) ?? fail(problems, pointer, "must be a date and time (RFC 3339)");
};
/** Said by the line, and by the record or the store that it goes into as well. */
const anything: Reader<undefined> = () => undefined;
const words = prose(200);

const common = {
  ...{ state: anything, version: anything, updatedAt: anything, updatedBy: anything },
  name: visibleName,
  description,
  environment,
  scopes: scopeList,
  addresses: addressList,
  limit: optional(limit),
  notBefore: optional(date),
  expiresAt: optional(date),
  revokedAt: optional(date),
  lastUsedAt: optional(date),
  lastUsedFrom: optional(words),
  disabled: boolean,
  createdAt: date,
  createdBy: words,
  metadata,
} as const;

const digest = checked((text) =>
  /^(?:hmac-)?sha256:[\w-]{43}$/.test(text) ? undefined : "is no digest: export with digests",
);
const credential = object({
  masked: anything,
  digest,
  lastFour: words,
  createdAt: date,
  expiresAt: optional(date),
  lastUsedAt: optional(date),
});

const keyId = checked((text) =>
  /^[A-Za-z0-9]{1,32}$/.test(text) ? undefined : "takes 1 to 32 letters and digits without marks",
);
const userId = checked((text) => (normaliseUserName(text) === text ? undefined : "is no user name by RFC 8265"));
const passwordHash = checked((text) =>
  isUsableHash(text) ? undefined : "is no hash that can be used: export with digests",
);

const key = object({
  ...common,
  ...{ type: word("key"), masked: anything, imported: anything },
  id: keyId,
  kind: keyKind,
  credentials: list(credential, 2),
});
const user = object({ ...common, type: word("user"), passwordKind: anything, id: userId, passwordHash });
const type = word("key", "user");

/** Reads one exported key or user. Of what proves it nothing gets into the problems. */
export const exported: Reader<Exported> = (value, pointer, problems) => {
  if (!isObject(value)) return fail(problems, pointer, "must be an object");
  const read = type(value.type, `${pointer}/type`, problems);
  if (read === undefined) return undefined;
  return read === "key" ? keyIn(value, pointer, problems) : userIn(value, pointer, problems);
};

function keyIn(...reading: Parameters<Reader<unknown>>): Exported | undefined {
  const members = sound(key)(...reading);
  return members && { type: "key", record: keyOf(members) };
}

function userIn(...reading: Parameters<Reader<unknown>>): Exported | undefined {
  const members = sound(user)(...reading);
  return members && { type: "user", record: userOf(members) };
}

/** What is read, if nothing of it is at fault. */
function sound<T>(read: Reader<T>): Reader<T> {
  return (value, pointer, problems) => {
    const before = problems.length;
    const members = read(value, pointer, problems);
    return problems.length === before ? members : undefined;
  };
}

function keyOf({ type: _, credentials, ...members }: Read<typeof key>): Moved<KeyRecord> {
  return present({ ...members, secrets: credentials.map(present) }) as Moved<KeyRecord>;
}

function userOf({ type: _, ...members }: Read<typeof user>): Moved<UserRecord> {
  return present(members) as Moved<UserRecord>;
}

/** Without the members that are absent, or not taken over. */
function present(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
