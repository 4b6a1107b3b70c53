import assert from "node:assert/strict";
import { createHmac, createSecretKey } from "node:crypto";
import {
  digestImportedToken,
  importedTokenWarning,
  isTokenText,
  lastFour,
} from "../../../lib/secrets/imported-token.ts";

const masterKey = createSecretKey(Buffer.alloc(32, 1));
const otherKey = createSecretKey(Buffer.alloc(32, 2));

describe("digestImportedToken", () => {
  it("depends on the token and the master key", () => {
    const digest = digestImportedToken("abc123", masterKey);
    assert.match(digest, /^hmac-sha256:[\w-]{43}$/);
    assert.equal(digestImportedToken("abc123", masterKey), digest);
    assert.notEqual(digestImportedToken("abc124", masterKey), digest);
    assert.notEqual(digestImportedToken("abc123", otherKey), digest);
  });

  it("is not the plain HMAC that another use of the master key could give out", () => {
    const plain = createHmac("sha256", masterKey).update("abc123").digest("base64url");
    assert.notEqual(digestImportedToken("abc123", masterKey), `hmac-sha256:${plain}`);
  });
});

describe("isTokenText", () => {
  it("takes 1 to 256 visible ASCII characters", () => {
    for (const text of ["a", "abc123", "!~", "x".repeat(256)]) assert.equal(isTokenText(text), true, text);
  });

  it("refuses blanks, controls, other alphabets and excess", () => {
    for (const text of ["", " ", "a b", "a\tb", "a\n", "é", "\u007f", "x".repeat(257)]) {
      assert.equal(isTokenText(text), false, JSON.stringify(text));
    }
  });
});

describe("importedTokenWarning", () => {
  it("warns of tokens that can be guessed by length", () => {
    assert.equal(importedTokenWarning("abc123"), "short");
    assert.equal(importedTokenWarning("0123456789abcdefghijk"), "short");
  });

  it("warns of long tokens of few different characters", () => {
    assert.equal(importedTokenWarning("ab".repeat(20)), "repetitive");
  });

  it("is silent for a UUID, hex and base64 of 128 bits", () => {
    for (const token of [
      "3f2b8c1e-9d47-4a65-b0f3-7c8e21d6a954",
      "3f2b8c1e9d474a65b0f37c8e21d6a954",
      "PyuMHp1HSmWw83yOIdapVA",
    ]) {
      assert.equal(importedTokenWarning(token), undefined, token);
    }
  });
});

describe("lastFour", () => {
  it("shows four characters of a long secret and none of a short one", () => {
    assert.equal(lastFour("0123456789abcdef"), "cdef");
    assert.equal(lastFour("0123456789abcde"), "");
  });
});
