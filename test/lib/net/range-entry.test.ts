import assert from "node:assert/strict";
import { isIP } from "node:net";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { formatIpv6 } from "../../../lib/net/ipv6-words.ts";
import { describeRange } from "../../../lib/net/range-description.ts";
import { parseRange } from "../../../lib/net/range-entry.ts";
import { ipv4Text, ipv6Words, nearlyAddress, u32 } from "./arbitraries.ts";

function problemOf(text: string): string | undefined {
  const parsed = parseRange(text);
  return "problem" in parsed ? parsed.problem : undefined;
}

describe("parseRange", () => {
  it("answers for every text", () => {
    const part = fc.oneof(nearlyAddress, fc.constantFrom("/", "-", " - ", "–", "24", "/0", "loopback", "#", "%"));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const parsed = parseRange(parts.join(""));
        assert.ok("problem" in parsed || parsed.ranges.length > 0);
      }),
      { numRuns: 2000 },
    );
  });

  it("takes any bare address without a zone that net.isIP takes", () => {
    fc.assert(
      fc.property(nearlyAddress, (text) => {
        fc.pre(!text.includes("/"));
        const parsed = parseRange(text);
        const isAddress = "kind" in parsed && parsed.kind === "address";
        assert.equal(isAddress, isIP(text) !== 0 && !text.includes("%"));
      }),
      { numRuns: 2000 },
    );
  });

  it("finds the same network as ipaddr.js", () => {
    const block = fc.oneof(
      fc.tuple(ipv4Text, fc.integer({ min: 1, max: 32 })),
      fc.tuple(ipv6Words.filter((words) => words[2] !== 0xffff).map(formatIpv6), fc.integer({ min: 1, max: 128 })),
    );
    fc.assert(
      fc.property(block, ([base, prefix]) => {
        const text = `${base}/${prefix}`;
        const description = describeRange(text);
        assert.ok("spans" in description);
        const library = base.includes(":") ? ipaddr.IPv6 : ipaddr.IPv4;
        const first = ipaddr.parse(description.spans[0]!.first).toByteArray();
        assert.deepEqual(first, library.networkAddressFromCIDR(text).toByteArray());
        assert.ok(description.canonical.endsWith(`/${prefix}`));
      }),
    );
  });

  it("reads a span with spaces round the hyphen, or with a dash", () => {
    for (const text of [
      "10.0.0.1 - 10.0.0.9",
      "10.0.0.1–10.0.0.9",
      "10.0.0.1 – ::ffff:10.0.0.9",
      "10.0.0.1  -  10.0.0.9",
    ]) {
      assert.deepEqual(parseRange(text), {
        kind: "span",
        ranges: [{ family: 4, first: 0x0a00_0001, last: 0x0a00_0009 }],
        hostBits: false,
      });
    }
    assert.equal(problemOf("10.0.0.0-10.0.0.255"), "hyphen-without-spaces");
    assert.equal(problemOf("10.0.0.0 -10.0.0.255"), "hyphen-without-spaces");
    assert.equal(problemOf("10.0.0.0-255"), "not-an-address");
  });

  it("refuses a span that is reversed or of two families", () => {
    assert.equal(problemOf("10.0.0.9 - 10.0.0.1"), "reversed");
    assert.equal(problemOf("::9 - ::1"), "reversed");
    assert.equal(problemOf("::1 - 10.0.0.1"), "mixed-families");
    assert.equal(problemOf("10.0.0.1 - ::1"), "mixed-families");
    assert.equal(problemOf("10.0.0.1 - x"), "not-an-address");
    assert.equal(problemOf("fe80::1%a - fe80::2"), "zone");
    fc.assert(
      fc.property(u32, u32, (a, b) => {
        const text = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
        assert.equal(problemOf(`${text(a)} - ${text(b)}`), a > b ? "reversed" : undefined);
      }),
    );
  });

  it("knows names, in any case", () => {
    const parsed = parseRange("LoopBack");
    assert.ok("kind" in parsed && parsed.kind === "name" && parsed.ranges.length === 2);
    assert.equal(problemOf("foo"), "unknown-name");
    assert.equal(problemOf("constructor"), "unknown-name");
    assert.equal(problemOf("__proto__"), "not-an-address");
  });

  it("says what is wrong with a prefix", () => {
    for (const text of ["10.0.0.0/08", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0//8", "::/1e1", "10.0.0.0/255.0.0.0"]) {
      assert.equal(problemOf(text), "bad-prefix", text);
    }
    assert.equal(problemOf("10.0.0.0/33"), "prefix-too-long");
    assert.equal(problemOf("::/129"), "prefix-too-long");
    assert.equal(problemOf("10.0.0/8"), "not-an-address");
    assert.equal(problemOf("fe80::%eth0/10"), "zone");
    assert.equal(problemOf("*"), "not-an-address");
    assert.equal(problemOf("fe80::1%eth0"), "zone");
  });

  it("takes /0 only with an address of zeros", () => {
    assert.equal(problemOf("0.0.0.0/0"), undefined);
    assert.equal(problemOf("::/0"), undefined);
    assert.equal(problemOf("10.1.2.3/0"), "host-bits-with-zero-prefix");
    assert.equal(problemOf("2001:db8::/0"), "host-bits-with-zero-prefix");
    assert.equal(problemOf("::ffff:10.1.2.3/96"), "host-bits-with-zero-prefix");
  });

  it("reads a mapped block as IPv4, and refuses one that reaches beyond", () => {
    assert.deepEqual(parseRange("::ffff:10.0.0.2/122"), parseRange("10.0.0.2/26"));
    assert.equal(problemOf("::ffff:10.0.0.2/64"), "mapped-prefix-too-short");
  });
});

describe("describeRange", () => {
  it("says what an entry means", () => {
    assert.deepEqual(describeRange("192.168.1.1/24"), {
      kind: "cidr",
      canonical: "192.168.1.0/24",
      spans: [{ first: "192.168.1.0", last: "192.168.1.255" }],
      count: "256",
      hostBits: true,
      everything: false,
    });
    assert.deepEqual(describeRange("2001:DB8::5"), {
      kind: "address",
      canonical: "2001:db8::5",
      spans: [{ first: "2001:db8::5", last: "2001:db8::5" }],
      count: "1",
      hostBits: false,
      everything: false,
    });
    assert.deepEqual(describeRange("LOOPBACK"), {
      kind: "name",
      canonical: "loopback",
      spans: [
        { first: "127.0.0.0", last: "127.255.255.255" },
        { first: "::1", last: "::1" },
      ],
      count: "16777217",
      hostBits: false,
      everything: false,
    });
  });

  it("counts beyond 2^53 exactly and points out everything", () => {
    const all = describeRange("::/0");
    assert.ok("count" in all && all.count === String(2n ** 128n) && all.everything);
    const half = describeRange("::/1");
    assert.ok("count" in half && half.count === String(2n ** 127n) && !half.everything);
    for (const text of ["0.0.0.0/0", "0.0.0.0 - 255.255.255.255", "::ffff:0:0/96"]) {
      const description = describeRange(text);
      assert.ok("everything" in description && description.everything, text);
    }
    for (const text of ["0.0.0.0 - 255.255.255.254", ":: - ffff::", "::1 - ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]) {
      const description = describeRange(text);
      assert.ok("everything" in description && !description.everything, text);
    }
  });

  it("prints a span, and passes a problem on", () => {
    const description = describeRange("::1–::FF");
    assert.ok("canonical" in description && description.canonical === "::1 - ::ff" && description.count === "255");
    assert.deepEqual(describeRange("x y"), { problem: "not-an-address" });
  });
});
