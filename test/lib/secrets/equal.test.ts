import assert from "node:assert/strict";
import { equalDigests, equalDigestTexts } from "../../../lib/secrets/equal.ts";

describe("equalDigests", () => {
  it("is true for equal bytes", () => {
    assert.equal(equalDigests(Buffer.from([1, 2, 3]), Buffer.from([1, 2, 3])), true);
  });

  it("is false when the first, the last or every byte differs", () => {
    for (const other of [
      [0, 2, 3],
      [1, 2, 0],
      [9, 9, 9],
    ]) {
      assert.equal(equalDigests(Buffer.from([1, 2, 3]), Buffer.from(other)), false);
    }
  });

  it("is false for unequal lengths, without throwing", () => {
    assert.equal(equalDigests(Buffer.from([1, 2, 3]), Buffer.from([1, 2])), false);
    assert.equal(equalDigests(Buffer.alloc(0), Buffer.from([0])), false);
  });
});

describe("equalDigestTexts", () => {
  it("compares the whole text", () => {
    assert.equal(equalDigestTexts("sha256:abc", "sha256:abc"), true);
    assert.equal(equalDigestTexts("sha256:abc", "sha256:abd"), false);
    assert.equal(equalDigestTexts("sha256:abc", "sha256:ab"), false);
  });

  it("is not led astray by what was compared before", () => {
    assert.equal(equalDigestTexts("sha256:abcdef", "sha256:abcdeg"), false);
    assert.equal(equalDigestTexts("sha256:abc", "sha256:abc"), true);
    assert.equal(equalDigestTexts("", ""), true);
  });

  it("compares characters of several bytes whole", () => {
    assert.equal(equalDigestTexts("é", "é"), true);
    assert.equal(equalDigestTexts("éa", "éb"), false);
    assert.equal(equalDigestTexts("Ł", "A"), false);
  });

  it("compares texts of any length", () => {
    for (const length of [85, 86, 1000]) {
      const text = "a".repeat(length);
      assert.equal(equalDigestTexts(text, text), true);
      assert.equal(equalDigestTexts(text, `${text.slice(1)}b`), false);
    }
  });
});
