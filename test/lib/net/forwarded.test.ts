import assert from "node:assert/strict";
import fc from "fast-check";
import { formatAddress } from "../../../lib/net/address.ts";
import { entryAddress, lastEntries, nodeAddress, parseForwarded } from "../../../lib/net/forwarded.ts";
import { cpuMs } from "../../support/cpu.ts";
import { nearlyAddress } from "./arbitraries.ts";

function parsed(...values: string[]): Record<string, string>[] | undefined {
  return parseForwarded(values)?.map((element) => Object.fromEntries(element));
}

function textOf(read: typeof nodeAddress, entry: string): string | undefined {
  const address = read(entry);
  return address && formatAddress(address);
}

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
const quotable = fc.stringMatching(/^[\t -~\x80-\xff]*$/);

describe("parseForwarded", () => {
  it("reads the examples of RFC 7239 section 4", () => {
    assert.deepEqual(parsed('for="_gazonk"'), [{ for: "_gazonk" }]);
    assert.deepEqual(parsed('For="[2001:db8:cafe::17]:4711"'), [{ for: "[2001:db8:cafe::17]:4711" }]);
    assert.deepEqual(parsed("for=192.0.2.60;proto=http;by=203.0.113.43"), [
      { for: "192.0.2.60", proto: "http", by: "203.0.113.43" },
    ]);
    assert.deepEqual(parsed("for=192.0.2.43, for=198.51.100.17"), [{ for: "192.0.2.43" }, { for: "198.51.100.17" }]);
  });

  it("takes several fields for one list, each read for itself", () => {
    assert.deepEqual(parsed("for=a,for=b", "", "for=c"), [{ for: "a" }, { for: "b" }, { for: "c" }]);
    assert.equal(parsed('for="a', 'b"'), undefined);
    assert.equal(parsed("for=a", "for=[::1]"), undefined);
  });

  it("allows empty pairs and empty list elements, as the grammar does", () => {
    assert.deepEqual(parsed(" for=a;\t,, ;for=b;;by=c,"), [{ for: "a" }, { for: "b", by: "c" }]);
    assert.deepEqual(parsed("for=a,;,for=b"), [{ for: "a" }, {}, { for: "b" }]);
    assert.deepEqual(parsed(), []);
    assert.deepEqual(parsed(", ,"), []);
  });

  it("unescapes quoted strings and does not split inside them", () => {
    assert.deepEqual(parsed('for="a\\"b\\\\c, for=d;e=f"'), [{ for: 'a"b\\c, for=d;e=f' }]);
    assert.deepEqual(parsed('for=""'), [{ for: "" }]);
  });

  it("refuses what is outside the grammar", () => {
    const values = ["for", "for=", "=a", "for=a b", "for =a", "for= a", 'for="a', 'for="a"b', "for=a:1", "for=a;for=b"];
    for (const value of [...values, "For=a;fOR=b", "for=[::1]", 'for="a\\', 'for="\u0100"', "for=a;;proto"]) {
      assert.equal(parsed(value), undefined, value);
    }
  });

  it("reads any parameters that were written by the grammar", () => {
    const pair = fc.tuple(
      token,
      fc.oneof(
        token.map((text) => [text, text]),
        quotable.map(quote),
      ),
    );
    const element = fc.uniqueArray(pair, { minLength: 1, maxLength: 4, selector: ([name]) => name.toLowerCase() });
    fc.assert(
      fc.property(fc.array(element, { maxLength: 5 }), fc.constantFrom(",", ", ", " ,\t"), (elements, comma) => {
        const text = elements.map((each) => each.map(([name, [, wire]]) => `${name}=${wire}`).join(";")).join(comma);
        fc.pre(text.length <= 8192);
        const expected = elements.map((each) => each.map(([name, [value]]) => [name.toLowerCase(), value]));
        assert.deepEqual(
          parseForwarded([text])?.map((each) => [...each]),
          expected,
        );
      }),
    );
  });

  it("answers for every text in linear time, and refuses more than 8 KiB", () => {
    const part = fc.constantFrom("for", "=", '"', "\\", ",", ";", " ", "a", "[::1]", "\u0000");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const result = parseForwarded([parts.join("")]);
        assert.ok(result === undefined || Array.isArray(result));
      }),
      { numRuns: 2000 },
    );
    const took = cpuMs(() => {
      for (const text of [`for="${"a".repeat(8000)}`, `for=a${" ".repeat(8000)}x`, `for="${"\\\\".repeat(4000)}`]) {
        assert.equal(parseForwarded([text]), undefined);
      }
    });
    assert.ok(took < 200, `${took} ms`);
    assert.equal(parseForwarded(["for=a,".repeat(700), "for=a,".repeat(700)]), undefined);
  });
});

function quote(text: string): string[] {
  return [text, `"${text.replace(/["\\]/g, "\\$&")}"`];
}

describe("lastEntries", () => {
  it("yields entries from the right over all fields, without empty ones", () => {
    assert.deepEqual(lastEntries(["a, b", " ,, ", ", c ,\td"], 9), ["d", "c", "b", "a"]);
    assert.deepEqual(lastEntries(["a,b,c"], 2), ["c", "b"]);
    assert.deepEqual(lastEntries(["", ","], 9), []);
  });

  it("agrees with splitting at commas", () => {
    const value = fc.array(fc.constantFrom(",", " ", "\t", "a", "b"), { maxLength: 20 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (values, limit) => {
        const all = values.flatMap((each) => each.split(",").map((entry) => entry.trim()));
        assert.deepEqual(
          lastEntries(values, limit),
          all
            .filter((entry) => entry !== "")
            .reverse()
            .slice(0, limit),
        );
      }),
    );
  });
});

describe("entryAddress", () => {
  it("takes an address, or one with a port", () => {
    const entries = [
      ["192.0.2.5", "192.0.2.5"],
      ["192.0.2.5:8080", "192.0.2.5"],
      ["2001:db8::1", "2001:db8::1"],
      ["[2001:db8::1]", "2001:db8::1"],
      ["[2001:db8::1]:65535", "2001:db8::1"],
      ["[::ffff:192.0.2.5]:1", "192.0.2.5"],
    ];
    for (const [entry, address] of entries) assert.equal(textOf(entryAddress, entry!), address, entry);
  });

  it("takes nothing else", () => {
    const ports = [
      "192.0.2.5:",
      "192.0.2.5:8080x",
      "192.0.2.5:65536",
      "192.0.2.5:-1",
      "[::1]:x",
      "[::1]x:80",
      "[::1]80",
    ];
    const brackets = ["[192.0.2.5]", "[::1", "::1]", "[]", "[::1]]", "[[::1]]", "[::1%eth0]", "fe80::1%eth0"];
    for (const entry of [...ports, ...brackets, "", "unknown", "_hidden", "010.1.1.1", "192.0.2.5 ", '"192.0.2.5"']) {
      assert.equal(entryAddress(entry), undefined, entry);
    }
  });

  it("takes no less than Forwarded does, and answers for every text", () => {
    fc.assert(
      fc.property(nearlyAddress, fc.constantFrom("", ":80", ":_x", ":99999"), fc.boolean(), (text, port, brackets) => {
        const entry = (brackets ? `[${text}]` : text) + port;
        const node = nodeAddress(entry);
        if (node !== undefined) assert.deepEqual(entryAddress(entry), node);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("nodeAddress", () => {
  it("wants brackets round IPv6, with a port or without", () => {
    assert.equal(textOf(nodeAddress, "[2001:db8::1]"), "2001:db8::1");
    assert.equal(textOf(nodeAddress, "[2001:db8::1]:4711"), "2001:db8::1");
    assert.equal(nodeAddress("2001:db8::1"), undefined);
  });

  it("allows an obfuscated port, and finds no address behind an obfuscated name", () => {
    assert.equal(textOf(nodeAddress, "192.0.2.43:_gazonk"), "192.0.2.43");
    assert.equal(nodeAddress("_gazonk"), undefined);
    assert.equal(nodeAddress("unknown:80"), undefined);
  });
});
