import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeBase62, endsInBase62, isBase62, randomBase62 } from "../../../lib/secrets/base62.ts";

describe("randomBase62", () => {
  it("draws again for bytes that would favour the first digits", () => {
    const draws = [[255, 248, 0], [61], [62]];
    assert.equal(
      randomBase62(3, () => Uint8Array.from(draws.shift() as number[])),
      "0z0",
    );
  });

  it("gives every digit the same chance", () => {
    const counts = new Map<string, number>();
    for (const digit of randomBase62(62_000)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    assert.equal(counts.size, 62);
    // Chi-square with 61 degrees of freedom exceeds 150 once in 10^9 runs; a modulo bias would give about 2,900.
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chiSquare < 150, `chi-square ${chiSquare}`);
  });
});

describe("encodeBase62", () => {
  it("writes the digits in the order of ASCII and fills up with zeros", () => {
    assert.equal(encodeBase62(0, 2), "00");
    assert.equal(encodeBase62(61, 2), "0z");
    assert.equal(encodeBase62(62, 2), "10");
    assert.equal(encodeBase62(2 ** 32 - 1, 6), "4gfFC3");
  });

  it("keeps the order of numbers", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), (a, b) => {
        assert.equal(encodeBase62(a, 6) < encodeBase62(b, 6), a < b);
      }),
    );
  });
});

describe("endsInBase62", () => {
  it("agrees with the text of the number", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), fc.string(), (value, other, before) => {
        const text = before + encodeBase62(value, 6);
        assert.equal(endsInBase62(text, value, 6), true);
        assert.equal(endsInBase62(text, other, 6), other === value);
      }),
    );
  });

  it("sees a difference in every digit", () => {
    const text = encodeBase62(123_456_789, 6);
    for (let i = 0; i < text.length; i++) {
      const changed = `${text.slice(0, i)}${text[i] === "0" ? "1" : "0"}${text.slice(i + 1)}`;
      assert.equal(endsInBase62(changed, 123_456_789, 6), false, changed);
    }
  });
});

describe("isBase62", () => {
  it("agrees with the regular expression", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii", maxLength: 4 }), (text) => {
        assert.equal(isBase62(text), /^[0-9A-Za-z]+$/.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses the neighbours of digits and letters", () => {
    for (const neighbour of "/:@[`{ é") assert.equal(isBase62(neighbour), false, neighbour);
    for (const edge of "09AZaz") assert.equal(isBase62(edge), true, edge);
  });

  it("looks only at the part that is asked for, and refuses an empty one", () => {
    assert.equal(isBase62("_abc_", 1, 4), true);
    assert.equal(isBase62("_abc_", 1), false);
    assert.equal(isBase62(""), false);
  });
});
