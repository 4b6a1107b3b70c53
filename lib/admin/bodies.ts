import { normalisePassword, normaliseUserName } from "../names.ts";
import { changedConditions, environment, keyKind, newConditions, together } from "./conditions.ts";
import { passwordComplaint } from "./password.ts";
import { boolean, child, fail, integer, object, optional, type Read, type Reader, string } from "./reader.ts";
import { scopeList, visibleName } from "./text.ts";

const day = 24 * 3600;
const version = optional(integer(1, Number.MAX_SAFE_INTEGER));

/** A name that Basic can carry, as the person types it. */
export const userName: Reader<string> = (value, pointer, problems) => {
  const name = visibleName(value, pointer, problems);
  if (name === undefined) return undefined;
  const isFit = name !== "__proto__" && normaliseUserName(name) !== undefined;
  return isFit ? name : fail(problems, pointer, "takes no colon and no character that RFC 8265 refuses in user names");
};

/** In the form that is hashed. */
const password: Reader<string> = (value, pointer, problems) => {
  const text = string(value, pointer, problems);
  if (text === undefined) return undefined;
  return normalisePassword(text) ?? fail(problems, pointer, "takes no control characters, and at most 1024 bytes");
};

/** A password whose user is known, judged with the name. */
export function passwordFor(name: string): Reader<string> {
  return (value, pointer, problems) => {
    const text = password(value, pointer, problems);
    const complaint = text === undefined ? undefined : passwordComplaint(text, name);
    return complaint === undefined ? text : fail(problems, pointer, complaint);
  };
}

/** The bodies that the admin API takes. `now` is in milliseconds since the epoch. */
export function bodies(now: () => number) {
  const conditions = newConditions(now);
  const changes = changedConditions(now);
  const newKey = { name: visibleName, kind: optional(keyKind), ...conditions };
  return {
    /** Asks for nothing but perhaps a version. */
    action: object({ version }),
    newKey: together(object(newKey)),
    importedKey: together(object({ ...newKey, token: string })),
    changedKey: together(
      object({ name: optional(visibleName), kind: optional(keyKind), ...keyChanges(changes), version }),
    ),
    rotation: object({ overlapSeconds: optional(integer(0, 30 * day)), version }),
    newUser: withPassword(together(object({ name: userName, password: string, ...conditions }))),
    changedUser: together(object({ ...changes, version })),
    newPassword: object({ password: string, version }),
    htpasswd: object({ text: string, environment: optional(environment), scopes: optional(scopeList) }),
    ranges: object({ text: string, refuseEverything: optional(boolean) }),
  };
}

export type Bodies = ReturnType<typeof bodies>;
export type Body<M extends keyof Bodies> = Read<Bodies[M]>;

/** The environment stays: it is part of the text that the callers hold. */
function keyChanges<C extends { environment: unknown }>({ environment: _, ...changes }: C): Omit<C, "environment"> {
  return changes;
}

/** Judges the password with the name of the same body; gives it in the form that is hashed. */
export function withPassword<T extends { readonly name: string; readonly password: string }>(
  read: Reader<T>,
): Reader<T> {
  return (value, pointer, problems) => {
    const body = read(value, pointer, problems);
    if (!body || problems.length > 0) return body;
    const checkedPassword = passwordFor(body.name)(body.password, child(pointer, "password"), problems);
    return checkedPassword === undefined ? undefined : { ...body, password: checkedPassword };
  };
}
