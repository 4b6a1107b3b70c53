import assert from "node:assert/strict";
import fc from "fast-check";
import { queryValues, withoutQuery } from "../../../lib/http/query.ts";

describe("queryValues", () => {
  it("finds every value of a name, decoded, in order", () => {
    assert.deepEqual(queryValues("/a?token=x&b=1&token=%79+z&to%6Ben=%C3%A9", "token"), ["x", "y z", "é"]);
    assert.deepEqual(queryValues("http://token=a@host/?token=x?token=y", "token"), ["x?token=y"]);
  });

  it("finds nothing where there is no query, or another name", () => {
    for (const target of [
      "/token=x",
      "/a?",
      "/a?Token=x",
      "/a?token[]=x",
      "/a?token%5B%5D=x",
      "/a?xtoken=x",
      "/a?b=token=x",
      "/a?%2574oken=x",
      "/a?to%ken=x",
      "*",
    ]) {
      assert.deepEqual(queryValues(target, "token"), [], target);
    }
  });

  it("counts what is no valid encoding, or no value, as present and empty", () => {
    for (const query of ["token=%", "token=%4", "token=%zz", "token=%ff", "token=%C3", "token=", "token"]) {
      assert.deepEqual(queryValues(`/a?${query}`, "token"), [""], query);
    }
  });

  it("finds what URLSearchParams writes", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (values) => {
        const search = new URLSearchParams(values.map((value) => ["k é", value]));
        assert.deepEqual(queryValues(`/a?${search}`, "k é"), values);
      }),
    );
  });
});

describe("withoutQuery", () => {
  it("removes the parameter however its name is encoded, and nothing else", () => {
    assert.equal(withoutQuery("/a?b=%7e&token=x&c=+%20&&%74%6F%6b%65%6E=y&tok%65n", "token"), "/a?b=%7e&c=+%20&");
    assert.equal(withoutQuery("/a?token=x", "token"), "/a");
    assert.equal(withoutQuery("/a?token=x&b=?", "token"), "/a?b=?");
    assert.equal(withoutQuery("/a?x+y=1&x%20y=2&b=1", "x y"), "/a?b=1");
  });

  it("returns the target unchanged where the parameter is not", () => {
    for (const target of ["/", "/a?", "/a?b=1&&", "/token=x", "/a?%zz=1&Token=x", ""]) {
      assert.equal(withoutQuery(target, "token"), target);
    }
  });

  it("leaves nothing that queryValues would find, and all other names", () => {
    const name = fc.constantFrom("a", "token", "%74oken", "%", "tok%65n", "Token");
    const query = fc.array(
      fc.tuple(name, fc.stringMatching(/^[\w=%?+]{0,5}$/)).map(([left, right]) => `${left}=${right}`),
    );
    fc.assert(
      fc.property(query, (parameters) => {
        const target = `/a?${parameters.join("&")}`;
        const rest = withoutQuery(target, "token");
        assert.deepEqual(queryValues(rest, "token"), []);
        for (const other of ["a", "Token"]) assert.deepEqual(queryValues(rest, other), queryValues(target, other));
      }),
    );
  });
});
