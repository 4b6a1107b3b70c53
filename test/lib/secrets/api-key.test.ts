import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import type { Environment } from "../../../lib/check.ts";
import { ConfigError } from "../../../lib/errors.ts";
import {
  apiKeyPattern,
  checkedKeyPrefix,
  digestApiKey,
  generateApiKey,
  maskApiKey,
  parseApiKey,
} from "../../../lib/secrets/api-key.ts";

const environments: readonly Environment[] = ["production", "sandbox"];
const zeros = (size: number) => new Uint8Array(size);
const fixedKey = generateApiKey({ prefix: "gh", environment: "production", randomBytes: zeros }).text;

describe("generateApiKey", () => {
  it("writes prefix, environment, id, secret and checksum", () => {
    assert.equal(fixedKey, `gh_live_${"0".repeat(12)}_${"0".repeat(43)}${fixedKey.slice(-6)}`);
    assert.match(fixedKey, /[0-9A-Za-z]{6}$/);
  });

  it("takes a new id and a new secret each time", () => {
    const keys = Array.from({ length: 100 }, () => generateApiKey({ prefix: "gh", environment: "sandbox" }));
    assert.equal(new Set(keys.map((key) => key.id)).size, 100);
    assert.equal(new Set(keys.map((key) => key.text.slice(21, 64))).size, 100);
  });

  it("keeps the id that is handed in, for rotation", () => {
    const key = generateApiKey({ prefix: "gh", environment: "sandbox", id: "AbCdEf012345" });
    assert.equal(key.id, "AbCdEf012345");
    assert.deepEqual(parseApiKey(key.text, "gh"), { id: "AbCdEf012345", environment: "sandbox" });
  });

  it("refuses an unfit id or prefix", () => {
    for (const id of ["", "short", "AbCdEf01234_", "AbCdEf0123456"]) {
      assert.throws(() => generateApiKey({ prefix: "gh", environment: "sandbox", id }), ConfigError, id);
    }
    for (const prefix of ["", "g", "GH", "g_h", "thirteenchars", "gh\n"]) {
      assert.throws(() => generateApiKey({ prefix, environment: "sandbox" }), ConfigError, prefix);
    }
  });
});

describe("parseApiKey", () => {
  it("reads what generateApiKey writes, for every prefix and environment", () => {
    const prefixes = fc.stringMatching(/^[a-z0-9]{2,12}$/);
    fc.assert(
      fc.property(prefixes, fc.constantFrom(...environments), (prefix, environment) => {
        const { text, id } = generateApiKey({ prefix, environment });
        assert.deepEqual(parseApiKey(text, prefix), { id, environment });
      }),
    );
  });

  it("refuses a key with any one character changed", () => {
    for (let index = 0; index < fixedKey.length; index++) {
      for (const other of ["1", "_", "é"]) {
        if (fixedKey[index] === other) continue;
        const changed = fixedKey.slice(0, index) + other + fixedKey.slice(index + 1);
        assert.equal(parseApiKey(changed, "gh"), undefined, changed);
      }
    }
  });

  it("refuses a key that was cut, lengthened, repeated, put in capitals or masked", () => {
    const spoilt = [
      "",
      fixedKey.slice(0, -1),
      fixedKey.slice(1),
      `${fixedKey}0`,
      ` ${fixedKey}`,
      `${fixedKey}, ${fixedKey}`,
      fixedKey.toUpperCase(),
      maskApiKey("gh", { id: "000000000000", environment: "production" }, "0000"),
    ];
    for (const text of spoilt) assert.equal(parseApiKey(text, "gh"), undefined, text);
  });

  it("refuses a key of another prefix, whether as long or not", () => {
    assert.equal(parseApiKey(fixedKey, "hg"), undefined);
    assert.equal(parseApiKey(fixedKey, "ghx"), undefined);
  });

  it("never throws, and answers a megabyte as fast as a key", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 90 }), (text) => {
        assert.equal(parseApiKey(text, "gh"), undefined);
      }),
    );
    assert.equal(parseApiKey("gh_live_".repeat(131_072), "gh"), undefined);
  });
});

describe("digestApiKey", () => {
  it("is the SHA-256 of the whole text", () => {
    const expected = createHash("sha256").update(fixedKey).digest("base64url");
    assert.equal(digestApiKey(fixedKey), `sha256:${expected}`);
  });
});

describe("maskApiKey", () => {
  it("shows the name and the last four characters, nothing else", () => {
    assert.equal(
      maskApiKey("gh", { id: "AbCdEf012345", environment: "sandbox" }, "wxyz"),
      "gh_test_AbCdEf012345_…wxyz",
    );
  });
});

describe("apiKeyPattern", () => {
  it("matches every key of its prefix and nothing shorter", () => {
    const pattern = new RegExp(`^${apiKeyPattern("acme")}$`);
    for (const environment of environments) {
      const { text } = generateApiKey({ prefix: "acme", environment });
      assert.match(text, pattern);
      assert.doesNotMatch(text.slice(0, -1), pattern);
    }
    assert.doesNotMatch(fixedKey, pattern);
  });

  it("refuses a prefix that could change the expression", () => {
    assert.throws(() => apiKeyPattern("a.*"), ConfigError);
    assert.equal(checkedKeyPrefix("a1"), "a1");
  });
});
