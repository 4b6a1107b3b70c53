import assert from "node:assert/strict";
import fc from "fast-check";
import { cookieValues, withoutCookie } from "../../../lib/http/cookies.ts";

describe("cookieValues", () => {
  it("finds every value of a name, over all fields, in order", () => {
    assert.deepEqual(cookieValues(["a=1; token=x; b=2", "token=y;token=z"], "token"), ["x", "y", "z"]);
    assert.deepEqual(cookieValues([], "token"), []);
  });

  it("keeps values as they came: quoted, encoded, with further equals signs, or empty", () => {
    for (const value of ['"x"', "%41", "a=b==", ""])
      assert.deepEqual(cookieValues([`token=${value}`], "token"), [value]);
  });

  it("takes names as they are: in their case, not encoded, whole", () => {
    for (const field of ["Token=x", "%74oken=x", "token[]=x", "xtoken=x", "token", "=token", "to ken=x"]) {
      assert.deepEqual(cookieValues([field], "token"), [], field);
    }
    assert.deepEqual(cookieValues(["__proto__=x"], "__proto__"), ["x"]);
  });

  it("drops blanks round names and values, and no other white space", () => {
    assert.deepEqual(cookieValues([" \ttoken =\t x \t"], "token"), ["x"]);
    assert.deepEqual(cookieValues(["token=\u00a0x\u00a0"], "token"), ["\u00a0x\u00a0"]);
  });
});

describe("withoutCookie", () => {
  it("removes every cookie of the name and keeps the others as they are", () => {
    assert.equal(withoutCookie('a="1";  token=x; b=%zz; token = y', "token"), 'a="1"; b=%zz');
    assert.equal(withoutCookie("token=x; a=1", "token"), "a=1");
    assert.equal(withoutCookie("token=x", "token"), "");
    assert.equal(withoutCookie(" a=1 ;; b", "token"), " a=1 ;; b");
  });

  it("leaves nothing that cookieValues would find, and all other names", () => {
    const name = fc.constantFrom("a", "b", "token", " token", "Token");
    const field = fc.array(
      fc.tuple(name, fc.stringMatching(/^[\w= "]{0,5}$/)).map(([left, right]) => `${left}=${right}`),
    );
    fc.assert(
      fc.property(field, (pairs) => {
        const text = pairs.join(";");
        const rest = withoutCookie(text, "token");
        assert.deepEqual(cookieValues([rest], "token"), []);
        for (const other of ["a", "b", "Token"]) {
          assert.deepEqual(cookieValues([rest], other), cookieValues([text], other));
        }
      }),
    );
  });
});
