import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../../../lib/errors.ts";
import {
  formatBasic,
  parseAuthorization,
  parseBasic,
  parseBearer,
  parseSchemeToken,
} from "../../../lib/http/authorization.ts";
import { cpuMs } from "../../support/cpu.ts";

const malformed = { kind: "malformed" };
const otherScheme = { kind: "other-scheme" };
const basicOf = (text: string | Buffer) => `Basic ${Buffer.from(text as string).toString("base64")}`;
const ok = (user: string, password: string) => ({ kind: "ok", user, password });

describe("parseAuthorization", () => {
  it("splits scheme and the rest", () => {
    assert.deepEqual(parseAuthorization("Basic Og=="), { scheme: "basic", rest: "Og==" });
    assert.deepEqual(parseAuthorization("DIGEST   a=b, c"), { scheme: "digest", rest: "a=b, c" });
    assert.deepEqual(parseAuthorization("Negotiate"), { scheme: "negotiate", rest: "" });
    assert.deepEqual(parseAuthorization("Bearer  "), { scheme: "bearer", rest: "" });
  });

  it("refuses what has no scheme, and what is longer than 8 KiB", () => {
    for (const value of [
      "",
      " ",
      " Basic x",
      "Basic\tx",
      "Basic\u00a0x",
      '"Basic" x',
      "Bäsic x",
      `a ${"x".repeat(8191)}`,
    ]) {
      assert.equal(parseAuthorization(value), undefined, value.slice(0, 40));
    }
  });

  it("never throws, and is as quick with megabytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const parsed = parseAuthorization(value);
        assert.ok(parsed === undefined || parsed.scheme === parsed.scheme.toLowerCase());
      }),
    );
    assert.equal(parseAuthorization("Basic ".padEnd(50_000_000, " ")), undefined);
  });
});

describe("parseBasic", () => {
  it("reads user and password, the scheme in any case", () => {
    for (const scheme of ["Basic", "basic", "BASIC"]) {
      assert.deepEqual(parseBasic(`${scheme} QWxhZGRpbjpvcGVuIHNlc2FtZQ==`), ok("Aladdin", "open sesame"));
    }
  });

  it("splits at the first colon and keeps empty parts", () => {
    assert.deepEqual(parseBasic(basicOf("bob:pa:ss:word")), ok("bob", "pa:ss:word"));
    assert.deepEqual(parseBasic(basicOf(":")), ok("", ""));
    assert.deepEqual(parseBasic(basicOf("a:")), ok("a", ""));
  });

  it("tells another scheme from a malformed value", () => {
    for (const value of ["Bearer abc", "Basics Og==", "basic_Og", "Digest username=x"]) {
      assert.deepEqual(parseBasic(value), otherScheme, value);
    }
    for (const value of ["", "Basic", "Basic ", "Basic\tOg==", "X\u0001"])
      assert.deepEqual(parseBasic(value), malformed, value);
  });

  it("takes canonical base64 only", () => {
    for (const rest of [
      "Zm9vOmJhcg",
      "Zm9vOmJhcg=",
      "Zm9vOmJhch==",
      "Zm9v OmJhcg==",
      "Zm9vOmJhcg==Zg==",
      "YTrDv8O_w74_Pg==",
      "Og==,",
      "{Og==}",
      "%4Fg==",
    ]) {
      assert.deepEqual(parseBasic(`Basic ${rest}`), malformed, rest);
    }
  });

  it("refuses controls anywhere, and bytes that are no UTF-8", () => {
    for (const text of ["al\0ice:pw", "alice:pw\n", "alice:\u007f", "\u001b:x"]) {
      assert.deepEqual(parseBasic(basicOf(text)), malformed, JSON.stringify(text));
    }
    for (const bytes of [
      [0xff, 0x3a],
      [0xc0, 0xba, 0x3a],
      [0xed, 0xa0, 0x80, 0x3a],
      [0x61, 0x3a, 0xc3],
    ]) {
      assert.deepEqual(parseBasic(basicOf(Buffer.from(bytes))), malformed, String(bytes));
    }
  });

  it("reads ISO 8859-1 where that is configured", () => {
    assert.deepEqual(parseBasic("Basic dGVzdDoxMjOj", "iso-8859-1"), ok("test", "123£"));
    assert.deepEqual(parseBasic("Basic dGVzdDoxMjOj"), malformed);
    assert.deepEqual(parseBasic(basicOf("a:b\0"), "iso-8859-1"), malformed);
  });

  it("bounds the user at 255 bytes and the password at 1,024", () => {
    assert.equal(parseBasic(basicOf(`${"u".repeat(255)}:${"p".repeat(1024)}`)).kind, "ok");
    assert.deepEqual(parseBasic(basicOf(`${"u".repeat(256)}:p`)), malformed);
    assert.deepEqual(parseBasic(basicOf(`${"ü".repeat(128)}:p`)), malformed);
    assert.deepEqual(parseBasic(basicOf(`u:${"p".repeat(1025)}`)), malformed);
    assert.deepEqual(parseBasic(`Basic ${"QUFB".repeat(3900)}`), malformed);
    assert.deepEqual(parseBasic(basicOf("no colon")), malformed);
  });

  it("reads what formatBasic writes", () => {
    const part = fc.string({ unit: "grapheme", maxLength: 40 });
    fc.assert(
      fc.property(part, part, (user, password) => {
        fc.pre(!user.includes(":") && Buffer.byteLength(user) < 256);
        assert.deepEqual(parseBasic(formatBasic(user, password)), ok(user, password));
      }),
    );
  });

  it("never throws", () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((octets) => basicOf(Buffer.from(octets)));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.string({ unit: "binary" })), (value) => {
        assert.match(parseBasic(value).kind, /^(ok|malformed|other-scheme)$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("formatBasic", () => {
  it("refuses what would be read as something else", () => {
    for (const [user, password] of [
      ["a:b", "p"],
      ["a\n", "p"],
      ["a", "p\0"],
    ] as const) {
      assert.throws(() => formatBasic(user, password), ConfigError);
    }
  });
});

describe("parseBearer", () => {
  it("reads one b64token, the scheme in any case", () => {
    for (const token of ["123456", "mF_9.B5f-4.1JqM", "a~b+c/d==", "x".repeat(8000)]) {
      assert.deepEqual(parseBearer(`bEaReR ${token}`), { kind: "ok", token });
    }
  });

  it("refuses everything else", () => {
    for (const value of [
      "Bearer",
      "Bearer ",
      "Bearer =",
      "Bearer a=b",
      "Bearer a b",
      "Bearer ä",
      "Bearer a%20b",
      'Bearer "a"',
      "Bearer a,b",
      "Bearer: a",
      "Bearer a\n",
      `Bearer ${"x".repeat(8192)}`,
    ]) {
      assert.deepEqual(parseBearer(value), malformed, value.slice(0, 40));
    }
    assert.deepEqual(parseBearer("bearer123456"), otherScheme);
    assert.deepEqual(parseBearer("Basic Og=="), otherScheme);
  });

  it("never throws, and takes linear time for text that nearly fits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const parsed = parseBearer(`Bearer ${text}`);
        assert.equal(parsed.kind === "ok", /^ *[\w.~+/-]+=*$/.test(text));
      }),
    );
    const nearly = `Bearer ${"a".repeat(4000)}${"=".repeat(4000)}a`;
    const took = cpuMs(() => {
      for (let run = 0; run < 100; run++) parseBearer(nearly);
    });
    assert.ok(took < 500, `${took} ms`);
  });
});

describe("parseSchemeToken", () => {
  it("reads one visible token after the scheme, in any case", () => {
    assert.deepEqual(parseSchemeToken("ApiKey abc123", "apikey"), { kind: "ok", token: "abc123" });
    assert.deepEqual(parseSchemeToken("TOKEN  a%b:c{d}!", "Token"), { kind: "ok", token: "a%b:c{d}!" });
  });

  it("refuses none, several, quoted and non-ASCII tokens", () => {
    for (const rest of ["", "a b", "a,b", '"a"', 'token="a"', "a\t", "é", "\u007f"]) {
      assert.deepEqual(parseSchemeToken(`Token ${rest}`, "Token"), malformed, rest);
    }
    assert.deepEqual(parseSchemeToken("Bearer abc", "Token"), otherScheme);
  });
});
