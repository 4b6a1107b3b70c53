import assert from "node:assert/strict";
import fc from "fast-check";
import { fieldCount, fieldValues, trimWhitespace } from "../../../lib/http/header-fields.ts";

const RAW = ["Host", "a", "X-Key", "1", "x-key", "2", "X-Key2", "3", "__proto__", "4"];

describe("fieldValues", () => {
  it("yields the values of every field of the name, in wire order and in any case", () => {
    assert.deepEqual(fieldValues(RAW, "x-key"), ["1", "2"]);
    assert.deepEqual(fieldValues(RAW, "__proto__"), ["4"]);
    assert.deepEqual(fieldValues(RAW, "cookie"), []);
  });

  it("never takes a value for a name, and ignores a name without value", () => {
    assert.deepEqual(fieldValues(["a", "b", "b", "c"], "b"), ["c"]);
    assert.deepEqual(fieldValues(["a", "b", "c"], "c"), []);
  });
});

describe("fieldCount", () => {
  it("counts the fields of one name, or all", () => {
    assert.equal(fieldCount(RAW, "x-key"), 2);
    assert.equal(fieldCount(RAW, "cookie"), 0);
    assert.equal(fieldCount(RAW), 5);
  });

  it("agrees with fieldValues", () => {
    const name = fc.constantFrom("a", "A", "b", "ab");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
        const raw = pairs.flat();
        assert.equal(fieldCount(raw, "a"), fieldValues(raw, "a").length);
        assert.equal(fieldCount(raw), pairs.length);
      }),
    );
  });
});

describe("trimWhitespace", () => {
  it("removes spaces and tabs from the ends, and nothing else", () => {
    assert.equal(trimWhitespace(" \t a b\t "), "a b");
    assert.equal(trimWhitespace(" \t "), "");
    assert.equal(trimWhitespace("\u00a0a\u00a0"), "\u00a0a\u00a0");
  });
});
