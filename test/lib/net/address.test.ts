import assert from "node:assert/strict";
import { isIP, SocketAddress } from "node:net";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { countingKey, formatAddress, parseAddress } from "../../../lib/net/address.ts";
import { bigIntToWords, formatIpv6, parseIpv6, wordsToBigInt } from "../../../lib/net/ipv6-words.ts";
import { ipv6Words, nearlyAddress, u32 } from "./arbitraries.ts";

describe("parseAddress", () => {
  it("accepts what net.isIP accepts, and nothing else", () => {
    fc.assert(
      fc.property(nearlyAddress, (text) => {
        assert.equal(parseAddress(text) !== undefined, isIP(text) !== 0);
      }),
      { numRuns: 5000 },
    );
  });

  it("reads the same address as ipaddr.js, except ::a.b.c.d", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        fc.pre(!/^::\d+\./.test(text));
        const address = parseAddress(text)!;
        assert.deepEqual(ipaddr.process(formatAddress(address)).toByteArray(), ipaddr.process(text).toByteArray());
      }),
      { numRuns: 1000 },
    );
  });

  it("holds an IPv4-mapped address as IPv4, in whatever spelling", () => {
    for (const text of ["192.0.2.5", "::ffff:192.0.2.5", "::FFFF:C000:0205", "0:0:0:0:0:ffff:192.0.2.5"]) {
      assert.deepEqual(parseAddress(text), { family: 4, value: 0xc000_0205 }, text);
    }
  });

  it("leaves IPv4-compatible, NAT64 and 6to4 addresses IPv6", () => {
    for (const text of ["::192.0.2.5", "64:ff9b::192.0.2.5", "2002:c000:205::", "::ffff:0:192.0.2.5"]) {
      assert.equal(parseAddress(text)?.family, 6, text);
    }
  });

  it("drops the zone of an IPv6 address and refuses one on IPv4", () => {
    assert.deepEqual(parseAddress("fe80::1%eth0"), parseAddress("fe80::1"));
    assert.deepEqual(parseAddress("::ffff:10.0.0.1%2"), parseAddress("10.0.0.1"));
    for (const text of ["10.0.0.1%eth0", "fe80::1%", "fe80::1%a%b", "fe80::1%a b", `fe80::1%${"a".repeat(200)}`]) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });

  it("refuses octal, hexadecimal, short and decorated forms", () => {
    const texts = [
      "010.1.1.1",
      "0x7f.1",
      "127.1",
      "2130706433",
      "1.2.3.4.",
      " 1.2.3.4",
      "1.2.3.4\n",
      "[::1]",
      "1.2.3.4:5",
    ];
    for (const text of [...texts, "", "١.2.3.4", "1".repeat(1_000_000), ":".repeat(46)]) {
      assert.equal(parseAddress(text), undefined, text.slice(0, 20));
    }
  });
});

describe("formatAddress", () => {
  it("round-trips IPv4", () => {
    fc.assert(
      fc.property(u32, (value) => {
        assert.deepEqual(parseAddress(formatAddress({ family: 4, value })), { family: 4, value });
      }),
    );
  });

  it("round-trips IPv6", () => {
    fc.assert(
      fc.property(ipv6Words, (words) => {
        assert.deepEqual(parseIpv6(formatIpv6(words)), words);
      }),
    );
  });

  it("prints RFC 5952 text, as Node does", () => {
    fc.assert(
      fc.property(ipv6Words, (words) => {
        const text = formatIpv6(words);
        // Node prints a dotted tail for ::a.b.c.d too.
        fc.pre(words[0] !== 0 || words[1] !== 0 || words[2] !== 0);
        assert.equal(new SocketAddress({ address: text, family: "ipv6" }).address, text);
      }),
    );
  });

  it("shortens the first of the longest zero runs, and never a single zero", () => {
    const cases = [
      ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
      ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
      ["0:0:0:0:0:0:0:0", "::"],
      ["1:0:0:0:0:0:0:0", "1::"],
      ["::13.1.68.3", "::d01:4403"],
    ];
    for (const [text, canonical] of cases) assert.equal(formatAddress(parseAddress(text!)!), canonical);
  });
});

describe("countingKey", () => {
  it("counts an IPv4 address whole and an IPv6 address by its network", () => {
    assert.equal(countingKey(parseAddress("::ffff:1.2.3.4")!), "1.2.3.4");
    assert.equal(countingKey(parseAddress("2001:db8:1:2:3:4:5:6")!), "2001:db8:1:2::/64");
    assert.equal(countingKey(parseAddress("2001:db8:1:2ff:3:4:5:6")!, 56), "2001:db8:1:200::/56");
  });

  it("is equal for two addresses exactly if they share the prefix", () => {
    fc.assert(
      fc.property(
        ipv6Words,
        fc.integer({ min: 0, max: 127 }),
        fc.integer({ min: 1, max: 128 }),
        (words, bit, prefix) => {
          const other = bigIntToWords(wordsToBigInt(words) ^ (1n << BigInt(127 - bit)));
          const [left, right] = [words, other].map((each) => countingKey({ family: 6, words: each }, prefix));
          assert.equal(left === right, bit >= prefix);
        },
      ),
    );
  });
});
