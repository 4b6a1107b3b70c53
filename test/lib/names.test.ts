import assert from "node:assert/strict";
import fc from "fast-check";
import { displayName, normalisePassword, normaliseUserName } from "../../lib/names.ts";

const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom(" ", ":", "\u0308", "\ud800", "\u202e"), fc.string({ unit: "binary", maxLength: 3 })),
});

/** What no name may hold, with the reason. */
const invisible = new Map([
  ["a NUL", "\0"],
  ["a tab", "\t"],
  ["a line feed", "\n"],
  ["DEL", "\u007f"],
  ["a C1 control", "\u0085"],
  ["a bidi override", "\u202e"],
  ["a bidi isolate", "\u2067"],
  ["a bidi mark", "\u200f"],
  ["the Arabic letter mark", "\u061c"],
  ["a zero-width space", "\u200b"],
  ["a byte-order mark", "\ufeff"],
  ["a soft hyphen", "\u00ad"],
  ["a Hangul filler", "\u3164"],
  ["a line separator", "\u2028"],
  ["a no-break space", "\u00a0"],
  ["a lone high surrogate", "\ud800"],
  ["a lone low surrogate", "\udc00"],
  ["a private-use character", "\ue000"],
  ["a noncharacter", "\uffff"],
]);

describe("normaliseUserName", () => {
  it("keeps a plain name, its case and its punctuation", () => {
    for (const name of ["alice", "AliCe", "a@b.example", "__proto__", "x".repeat(255), "!~"]) {
      assert.equal(normaliseUserName(name), name);
    }
  });

  it("gives composed and decomposed spellings one form", () => {
    assert.equal(normaliseUserName("ju\u0308rgen"), "j\u00fcrgen");
    assert.equal(normaliseUserName("j\u00fcrgen"), "j\u00fcrgen");
  });

  it("keeps other alphabets", () => {
    for (const name of ["שלום", "عالم", "山田", "Ελένη", "नमस्ते"])
      assert.equal(normaliseUserName(name), name.normalize("NFC"));
  });

  it("allows single spaces inside and none elsewhere", () => {
    assert.equal(normaliseUserName("John Doe"), "John Doe");
    for (const name of [" alice", "alice ", "John  Doe", " "]) assert.equal(normaliseUserName(name), undefined, name);
  });

  it("refuses what RFC 7617 cannot carry, and the empty name", () => {
    for (const name of ["", "a:b", ":", "jürgen:"]) assert.equal(normaliseUserName(name), undefined, name);
  });

  it("refuses characters that only look like others", () => {
    for (const name of ["ａlice", "ﬁona", "alice²", "℀", "Ⅷ"]) assert.equal(normaliseUserName(name), undefined, name);
  });

  it("counts bytes, not characters", () => {
    assert.equal(normaliseUserName("x".repeat(256)), undefined);
    assert.equal(normaliseUserName("é".repeat(127)), "é".repeat(127));
    assert.equal(normaliseUserName("é".repeat(128)), undefined);
    assert.equal(normaliseUserName("x".repeat(10_000_000)), undefined);
  });

  for (const [what, character] of invisible) {
    it(`refuses ${what}`, () => {
      assert.equal(normaliseUserName(`al${character}ice`), undefined);
    });
  }

  it("never throws, and leaves its own result as it is", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = normaliseUserName(text);
        if (name !== undefined) assert.equal(normaliseUserName(name), name);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("normalisePassword", () => {
  it("keeps case, spaces, colons and characters that look like others", () => {
    for (const password of ["pa:ss", " p w ", "ﬁ²", "correct horse", "🔒\u200d"]) {
      assert.equal(normalisePassword(password), password);
    }
  });

  it("gives composed and decomposed spellings, and spaces of any kind, one form", () => {
    assert.equal(normalisePassword("pa\u0308ss"), "p\u00e4ss");
    assert.equal(normalisePassword("a\u00a0b\u3000c\u2003d e"), "a b c d e");
  });

  it("refuses controls, lone surrogates and the empty password", () => {
    for (const password of ["", "a\0", "a\n", "\u007f", "\u0085", "\ud800x"]) {
      assert.equal(normalisePassword(password), undefined, JSON.stringify(password));
    }
  });

  it("takes 1,024 bytes and no more", () => {
    assert.equal(normalisePassword("p".repeat(1024))?.length, 1024);
    assert.equal(normalisePassword("p".repeat(1025)), undefined);
    assert.equal(normalisePassword("€".repeat(342)), undefined);
    assert.equal(normalisePassword("p".repeat(10_000_000)), undefined);
  });

  it("never throws, and leaves its own result as it is", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const password = normalisePassword(text);
        if (password !== undefined) assert.equal(normalisePassword(password), password);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("displayName", () => {
  it("takes 1 to 100 visible characters of any alphabet, emoji too", () => {
    for (const name of ["a", "Line 4: press", "Größe²", "👩‍🔧 night shift ❤️", "🏭".repeat(100)]) {
      assert.equal(displayName(name), name);
    }
  });

  it("is in NFC", () => {
    assert.equal(displayName("Gro\u0308ße"), "Gr\u00f6ße");
  });

  it("refuses nothing to see, too much, and stray spaces", () => {
    for (const name of ["", "\u200d\ufe0f", "x".repeat(101), "x".repeat(1_000_000), " a", "a ", "a  b", "\ue000"]) {
      assert.equal(displayName(name), undefined, name.slice(0, 200));
    }
  });

  for (const [what, character] of invisible) {
    it(`refuses ${what}`, () => {
      assert.equal(displayName(`a${character}b`), undefined);
    });
  }
});
