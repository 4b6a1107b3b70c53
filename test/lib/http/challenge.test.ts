import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../../../lib/errors.ts";
import { basicChallenge, bearerChallenge, formatChallenge } from "../../../lib/http/challenge.ts";
import { type Challenge, parseChallenges } from "../../../lib/http/challenge-list.ts";
import { cpuMs } from "../../support/cpu.ts";

const parsed = (value: string) => parseChallenges(value)?.map(plain);
const plain = ({ scheme, params, token68 }: Challenge) => ({
  scheme,
  params: Object.fromEntries(params),
  ...(token68 !== undefined && { token68 }),
});

describe("formatChallenge", () => {
  it("quotes values, escapes what ends a quotation, and leaves tokens bare", () => {
    assert.equal(
      formatChallenge("Digest", { realm: 'a "b" \\c', stale: { token: "true" } }),
      'Digest realm="a \\"b\\" \\\\c", stale=true',
    );
    assert.equal(formatChallenge("Negotiate", {}), "Negotiate");
  });

  it("takes ISO 8859-1 and refuses what would break or end the field", () => {
    assert.equal(formatChallenge("Basic", { realm: "Größe" }), 'Basic realm="Größe"');
    for (const realm of ["a\r\nSet-Cookie: x", "a\n", "\0", "\t", "\u007f", "\u0085", "世界", "\ud800", "€"]) {
      assert.throws(
        () => formatChallenge("Basic", { realm }),
        (error) => error instanceof ConfigError && error.option === "realm",
        JSON.stringify(realm),
      );
    }
  });

  it("refuses names and tokens that are no single word", () => {
    for (const word of ["", "a b", "a=b", "a\n", "ä"]) {
      assert.throws(() => formatChallenge(word, {}), ConfigError, word);
      assert.throws(() => formatChallenge("A", { [word]: "x" }), ConfigError, word);
      assert.throws(() => formatChallenge("A", { x: { token: word } }), ConfigError, word);
    }
  });
});

describe("basicChallenge", () => {
  it("names realm and charset", () => {
    assert.equal(basicChallenge("api"), 'Basic realm="api", charset="UTF-8"');
  });
});

describe("bearerChallenge", () => {
  it("has no error where there was no token", () => {
    assert.equal(bearerChallenge({ realm: "api" }), 'Bearer realm="api"');
  });

  it("names error, description and scope", () => {
    assert.equal(
      bearerChallenge({ realm: "api", error: "insufficient_scope", errorDescription: "More.", scope: "read write" }),
      'Bearer realm="api", error="insufficient_scope", error_description="More.", scope="read write"',
    );
  });

  it("refuses descriptions and scopes that RFC 6750 does not allow", () => {
    for (const text of ["", 'a"b', "a\\b", "ä", "a\n"]) {
      assert.throws(() => bearerChallenge({ realm: "api", errorDescription: text }), ConfigError, text);
      assert.throws(() => bearerChallenge({ realm: "api", scope: text }), ConfigError, text);
    }
    for (const scope of [" a", "a ", "a  b"])
      assert.throws(() => bearerChallenge({ realm: "api", scope }), ConfigError);
  });
});

describe("parseChallenges", () => {
  it("splits several challenges in one field", () => {
    assert.deepEqual(parsed('Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"'), [
      { scheme: "Newauth", params: { realm: "apps", type: "1", title: 'Login to "apps"' } },
      { scheme: "Basic", params: { realm: "simple" } },
    ]);
  });

  it("takes empty members, lone schemes, tokens and blanks round the equals sign", () => {
    assert.deepEqual(parsed(', Negotiate ,NTLM TlRMTVNTUAAC==, ,Basic realm \t= "a" ,'), [
      { scheme: "Negotiate", params: {} },
      { scheme: "NTLM", params: {}, token68: "TlRMTVNTUAAC==" },
      { scheme: "Basic", params: { realm: "a" } },
    ]);
    assert.deepEqual(parsed(""), []);
  });

  it("gives names in lower case, and never mistakes one for a member of an object", () => {
    assert.deepEqual(
      parseChallenges('X REALM="a", __proto__="b"')?.[0]?.params,
      new Map([
        ["realm", "a"],
        ["__proto__", "b"],
      ]),
    );
  });

  it("refuses what it cannot split without a guess", () => {
    for (const value of [
      'realm="a"',
      'Basic realm="a',
      'Basic realm="a" charset="UTF-8"',
      'Basic realm="a", realm="b"',
      "Basic realm=, a=b",
      "Basic a b",
      "Basic =a",
      'NTLM abc, realm="a"',
      'Basic realm="a\n"',
      "Basic ?",
      "ä",
      "A ".repeat(8193),
    ]) {
      assert.equal(parseChallenges(value), undefined, value.slice(0, 60));
    }
  });

  it("reads what formatChallenge writes", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
    const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    const params = fc.dictionary(name, value, { noNullPrototype: true });
    const challenge = fc.record({ scheme: name, params }, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const text = challenges.map(({ scheme, params }) => formatChallenge(scheme, params)).join(", ");
        assert.deepEqual(parsed(text), challenges);
      }),
    );
  });

  it("never throws, and takes linear time for text that nearly fits", () => {
    const piece = fc.constantFrom("Basic", " ", "=", ",", '"', "\\", "a", "/", "\t", "realm", "\n");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const challenges = parseChallenges(pieces.join(""));
        assert.ok(challenges === undefined || Array.isArray(challenges));
      }),
      { numRuns: 2000 },
    );
    const took = cpuMs(() => {
      for (const text of ["A a=", 'A a="', "A =", " ", "A ,", `A ${"b".repeat(8000)}`, '\\"']) {
        for (let run = 0; run < 20; run++) parseChallenges(text.repeat(16_384 / text.length));
      }
    });
    assert.ok(took < 1000, `${took} ms`);
  });
});
