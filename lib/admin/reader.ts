/** What is wrong with one member of a body. `pointer` is a JSON pointer (RFC 6901). */
export interface Problem {
  readonly pointer: string;
  readonly detail: string;
}

/** Reads a value of outside, or adds to the problems and gives undefined. */
export type Reader<T> = (value: unknown, pointer: string, problems: Problem[]) => T | undefined;

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** What a reader of an object gives; a member that may be absent has `undefined` in its type. */
export type Read<R> = R extends Reader<infer T> ? T : never;

type Shape = Readonly<Record<string, Reader<unknown>>>;
type Members<S extends Shape> = { readonly [M in keyof S]: Read<S[M]> };

/** More are of no help, and a body could hold thousands. */
const problemLimit = 20;
const shownNameLength = 60;

/** Reads a whole body. */
export function parse<T>(reader: Reader<T>, body: unknown): Parsed<T> {
  const problems: Problem[] = [];
  const value = reader(body, "", problems);
  return problems.length === 0
    ? { ok: true, value: value as T }
    : { ok: false, problems: problems.slice(0, problemLimit) };
}

/** Problems in one line, for people. */
export function problemsText(problems: readonly Problem[]): string {
  return problems.map(({ pointer, detail }) => `${pointer.slice(1) || "the request"} ${detail}`).join("; ");
}

/** Notes a problem. */
export function fail(problems: Problem[], pointer: string, detail: string): undefined {
  problems.push({ pointer, detail });
  return undefined;
}

/** An object with these members and no other. */
export function object<S extends Shape>(shape: S): Reader<Members<S>> {
  const readers = new Map(Object.entries(shape));
  return (value, pointer, problems) => {
    if (!isObject(value)) return fail(problems, pointer, "must be an object");
    for (const name of Object.keys(value)) {
      if (problems.length >= problemLimit) return undefined;
      if (!readers.has(name)) fail(problems, child(pointer, name), "is not known");
    }
    const members = [...readers].map(([name, read]) => {
      const member = Object.hasOwn(value, name) ? value[name] : undefined;
      return [name, read(member, child(pointer, name), problems)] as const;
    });
    return Object.fromEntries(members) as Members<S>;
  };
}

/** A member that may be absent. */
export function optional<T>(read: Reader<T>): Reader<T | undefined> {
  return (value, pointer, problems) => (value === undefined ? undefined : read(value, pointer, problems));
}

/** A member that may be absent, or null to take away what is there. */
export function clearable<T>(read: Reader<T>): Reader<T | null | undefined> {
  return (value, pointer, problems) => (value === undefined || value === null ? value : read(value, pointer, problems));
}

/** A string. */
export const string: Reader<string> = (value, pointer, problems) => {
  if (value === undefined) return fail(problems, pointer, "is missing");
  return typeof value === "string" ? value : fail(problems, pointer, "must be a string");
};

/** true or false. */
export const boolean: Reader<boolean> = (value, pointer, problems) =>
  typeof value === "boolean" ? value : fail(problems, pointer, "must be true or false");

/** A whole number of the range. */
export function integer(min: number, max: number): Reader<number> {
  return (value, pointer, problems) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : fail(problems, pointer, `must be a whole number from ${min} to ${max}`);
}

/** One of these words. */
export function word<W extends string>(...words: readonly W[]): Reader<W> {
  return (value, pointer, problems) => {
    const found = words.find((candidate) => candidate === value);
    return found ?? fail(problems, pointer, `must be ${words.map((each) => `"${each}"`).join(" or ")}`);
  };
}

/** A string for which `complaint` finds nothing to say. */
export function checked(complaint: (text: string) => string | undefined): Reader<string> {
  return (value, pointer, problems) => {
    const text = string(value, pointer, problems);
    const detail = text === undefined ? undefined : complaint(text);
    return detail === undefined ? text : fail(problems, pointer, detail);
  };
}

/** A list of at most `max` items. */
export function list<T>(read: Reader<T>, max: number): Reader<readonly T[]> {
  return (value, pointer, problems) => {
    if (!Array.isArray(value)) return fail(problems, pointer, "must be a list");
    if (value.length > max) return fail(problems, pointer, `takes at most ${max} items`);
    return value.map((item, index) => read(item, child(pointer, String(index)), problems) as T);
  };
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The pointer to a member. */
export function child(pointer: string, name: string): string {
  return `${pointer}/${name.slice(0, shownNameLength).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
