import { checkedKeyPrefix } from "../secrets/api-key.ts";
import { userName, withPassword } from "./bodies.ts";
import { environment } from "./conditions.ts";
import { checked, fail, isObject, object, optional, type Reader, string, word } from "./reader.ts";

const masterKeyText: Reader<string> = (value, pointer, problems) => {
  const text = string(value, pointer, problems);
  if (text === undefined) return undefined;
  return /^[\w-]{43}$/.test(text) ? text : fail(problems, pointer, "must be base64url of 32 bytes");
};

const keyPrefix = checked((text) => {
  try {
    checkedKeyPrefix(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
});

const entryReaders = {
  key: object({ type: word("key"), prefix: keyPrefix, environment }),
  token: object({
    type: word("token"),
    token: string,
    /** Which the dialog made up; nothing depends on it. */
    id: optional(string),
    masterKey: optional(masterKeyText),
    store: optional(string),
  }),
  user: withPassword(object({ type: word("user"), name: userName, password: string })),
} as const;

type EntryReaders = typeof entryReaders;
export type EntryBody = {
  [T in keyof EntryReaders]: EntryReaders[T] extends Reader<infer B> ? B : never;
}[keyof EntryReaders];

const entryType = word("key", "token", "user");

/** What the store's dialog asks to be made for one of its entries. */
export const entryBody: Reader<EntryBody> = (value, pointer, problems) => {
  if (!isObject(value)) return fail(problems, pointer, "must be an object");
  const type = entryType(value.type, `${pointer}/type`, problems);
  return type === undefined ? undefined : entryReaders[type](value, pointer, problems);
};
