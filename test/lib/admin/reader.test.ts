import assert from "node:assert/strict";
import fc from "fast-check";
import {
  boolean,
  checked,
  child,
  clearable,
  integer,
  list,
  object,
  optional,
  parse,
  type Reader,
  string,
  word,
} from "../../../lib/admin/reader.ts";

const pointers = (reader: Reader<unknown>, body: unknown) => {
  const read = parse(reader, body);
  return read.ok ? [] : read.problems.map(({ pointer }) => pointer);
};

describe("object", () => {
  const reader = object({ name: string, age: optional(integer(0, 9)), tags: optional(list(string, 2)) });

  it("reads its members, and leaves out what is absent", () => {
    const read = parse(reader, { name: "a" });
    assert.deepEqual(read, { ok: true, value: { name: "a", age: undefined, tags: undefined } });
  });

  it("names each member at fault, unknown ones too", () => {
    const body = { age: 10, tags: ["a", 1], more: 1, "a/b~c": 2 };
    assert.deepEqual(pointers(reader, body), ["/more", "/a~1b~0c", "/name", "/age", "/tags/1"]);
  });

  it("takes no member from a prototype, and refuses one that names it", () => {
    assert.deepEqual(pointers(reader, Object.create({ name: "a" })), ["/name"]);
    assert.deepEqual(pointers(reader, JSON.parse('{"name":"a","__proto__":{"age":1}}')), ["/__proto__"]);
    assert.deepEqual(pointers(object({ toString: optional(string) }), {}), []);
  });

  it("is no list, no text and not null", () => {
    for (const body of [[], "a", null, undefined, 1]) assert.deepEqual(pointers(reader, body), [""]);
  });

  it("names 20 problems at most", () => {
    const body = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`m${index}`, 1]));
    assert.equal(pointers(reader, body).length, 20);
  });

  it("never throws, and accepts nothing but its type", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        const read = parse(reader, body);
        return read.ok ? typeof read.value.name === "string" : read.problems.length > 0;
      }),
    );
  });
});

describe("readers of values", () => {
  it("take their type and no other", () => {
    const cases: readonly (readonly [Reader<unknown>, unknown, boolean])[] = [
      [string, "", true],
      [string, 1, false],
      [string, undefined, false],
      [boolean, false, true],
      [boolean, "true", false],
      [integer(1, 5), 5, true],
      [integer(1, 5), 6, false],
      [integer(1, 5), 1.5, false],
      [integer(1, 5), "3", false],
      [word("a", "b"), "b", true],
      [word("a", "b"), "c", false],
      [list(string, 1), ["a"], true],
      [list(string, 1), ["a", "b"], false],
      [list(string, 1), { length: 1 }, false],
      [optional(string), undefined, true],
      [optional(string), null, false],
      [clearable(string), null, true],
      [clearable(string), undefined, true],
      [clearable(string), "a", true],
      [clearable(string), 1, false],
    ];
    for (const [reader, value, fits] of cases) assert.equal(parse(reader, value).ok, fits, JSON.stringify(value));
  });

  it("hand on what a check says", () => {
    const even = checked((text) => (text.length % 2 === 0 ? undefined : "is odd"));
    assert.deepEqual(parse(even, "abc"), { ok: false, problems: [{ pointer: "", detail: "is odd" }] });
    assert.equal(parse(even, "ab").ok, true);
    assert.equal(parse(even, 2).ok, false);
  });
});

describe("child", () => {
  it("cuts a name that is long", () => {
    assert.equal(child("/a", "x".repeat(1000)).length, 63);
  });
});
