import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../../../lib/errors.ts";
import { type Address, formatAddress, parseAddress } from "../../../lib/net/address.ts";
import { compileRanges } from "../../../lib/net/ip-range.ts";
import { bigIntToWords, formatIpv6, wordsToBigInt } from "../../../lib/net/ipv6-words.ts";
import { ipv6Blocks } from "../../../lib/net/range.ts";
import { parseRangeList } from "../../../lib/net/range-lines.ts";

function errorOf(build: () => unknown): ConfigError {
  try {
    build();
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error;
  }
  return assert.fail("nothing was thrown");
}

function textOf(family: 4 | 6, value: bigint): string {
  const address: Address = family === 4 ? { family, value: Number(value) } : { family, words: bigIntToWords(value) };
  return formatAddress(address);
}

function inOrder([a, b]: readonly [bigint, bigint]): [bigint, bigint] {
  return a <= b ? [a, b] : [b, a];
}

/** Ranges near each other, so that they overlap, touch and nest, and addresses at their edges. */
function sets(family: 4 | 6, base: bigint, bits: number) {
  const width = family === 4 ? 32 : 128;
  const offset = fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
  const span = fc.tuple(offset, offset).map((pair) => {
    const [first, last] = inOrder(pair).map((each) => base + each) as [bigint, bigint];
    return { first, last, text: `${textOf(family, first)} - ${textOf(family, last)}` };
  });
  const block = fc.tuple(offset, fc.integer({ min: Math.max(1, width - bits), max: width })).map(([a, prefix]) => {
    const size = 1n << BigInt(width - prefix);
    const first = ((base + a) / size) * size;
    return { first, last: first + size - 1n, text: `${textOf(family, base + a)}/${prefix}` };
  });
  return fc.tuple(fc.array(fc.oneof(span, block), { maxLength: 60 }), fc.array(offset, { maxLength: 20 }));
}

function agreesWithBruteForce(family: 4 | 6, base: bigint, bits: number): void {
  fc.assert(
    fc.property(sets(family, base, bits), ([ranges, offsets]) => {
      const set = compileRanges(ranges.map(({ text }) => text));
      const edges = ranges.flatMap(({ first, last }) => [first - 1n, first, last, last + 1n]);
      for (const value of [...edges, ...offsets.map((offset) => base + offset)]) {
        if (value < 0n || value >= 1n << (family === 4 ? 32n : 128n)) continue;
        const expected = ranges.some(({ first, last }) => first <= value && value <= last);
        assert.equal(set.contains(parseAddress(textOf(family, value))!), expected, textOf(family, value));
      }
    }),
    { numRuns: 150 },
  );
}

describe("RangeSet.contains", () => {
  it("agrees with comparing every IPv4 range", () => {
    for (const bits of [4, 8, 16, 24]) agreesWithBruteForce(4, 0x0a00_0000n, bits);
    agreesWithBruteForce(4, 0n, 32);
    agreesWithBruteForce(4, 0xffff_0000n, 16);
  });

  it("agrees with comparing every IPv6 range", () => {
    for (const bits of [4, 16, 64, 80]) agreesWithBruteForce(6, 0x2001_0db8n << 96n, bits);
    agreesWithBruteForce(6, (1n << 128n) - (1n << 20n), 20);
    agreesWithBruteForce(6, 1n << 127n, 127);
  });

  it("finds its way among many ranges", () => {
    const entries: string[] = [];
    for (let i = 0; i < 20_000; i++) {
      entries.push(`${formatAddress({ family: 4, value: (i * 200_003) >>> 0 })}/32`);
      entries.push(`${formatIpv6([0x2001_0db8, i * 3, 0, 0])}/64`);
    }
    const set = compileRanges(entries);
    assert.equal(set.size, 40_000);
    for (let i = 0; i < 20_000; i++) {
      const value = (i * 200_003) >>> 0;
      assert.ok(set.contains({ family: 4, value }) && !set.contains({ family: 4, value: value + 1 }));
      assert.ok(set.contains({ family: 6, words: [0x2001_0db8, i * 3, 7, 7] }));
      assert.ok(!set.contains({ family: 6, words: [0x2001_0db8, i * 3 + 1, 0, 0] }));
    }
  });

  it("never takes one family for the other", () => {
    const [ipv4, ipv6] = [compileRanges(["0.0.0.0/0"]), compileRanges(["::/0"])];
    assert.ok(ipv4.contains(parseAddress("::ffff:10.0.0.1")!));
    assert.ok(!ipv4.contains(parseAddress("::1")!));
    assert.ok(ipv6.contains(parseAddress("::10.0.0.1")!));
    assert.ok(!ipv6.contains(parseAddress("10.0.0.1")!));
    assert.ok(!ipv6.contains(parseAddress("::ffff:10.0.0.1")!));
  });
});

describe("compileRanges", () => {
  it("merges what overlaps or touches", () => {
    assert.equal(compileRanges(["10.0.0.0/25", "10.0.0.128/25", "10.0.1.0 - 10.0.1.9", "10.0.0.7"]).size, 1);
    assert.equal(compileRanges(["2001:db8::/33", "2001:db8:8000::/33", "2001:db8::1"]).size, 1);
    assert.equal(compileRanges(["10.0.0.1", "10.0.0.3", "::1", "::3"]).size, 4);
  });

  it("contains nobody without entries", () => {
    const set = compileRanges(["", "  # nobody yet", "// nobody"]);
    assert.equal(set.size, 0);
    assert.ok(!set.contains(parseAddress("10.0.0.1")!) && !set.contains(parseAddress("::1")!));
  });

  it("names line, text and reason of every mistake, and the setting", () => {
    const entries = ["10.0.0.0/8", "10.0.0.0/33", "# note", "nonsense\u0007 # why", "9.9.9.9 - 1.1.1.1"];
    const error = errorOf(() => compileRanges(entries, { option: "allow" }));
    assert.equal(error.option, "allow");
    assert.deepEqual(error.message.split("\n"), [
      'line 2: "10.0.0.0/33": the prefix is at most 32 for IPv4 and 128 for IPv6',
      'line 4: "nonsense\\u0007": not an IP address, range or known name',
      'line 5: "9.9.9.9 - 1.1.1.1": the range ends before it begins',
    ]);
  });

  it("reports 20 mistakes and no more, and quotes no more than 64 characters", () => {
    const error = errorOf(() => compileRanges(new Array(1000).fill("x".repeat(5000))));
    assert.equal(error.message.split("\n").length, 20);
    assert.ok(error.message.length < 20 * 200);
  });

  it("warns of everything and of host bits", () => {
    assert.deepEqual(compileRanges(["10.0.0.0/8", "0.0.0.0/0 # all", "10.1.2.3/8"]).warnings, [
      { hint: "everything", line: 2, text: "0.0.0.0/0" },
      { hint: "host-bits", line: 3, text: "10.1.2.3/8" },
    ]);
    assert.deepEqual(compileRanges(["::/1", "8000::/1"]).warnings, [{ hint: "everything" }]);
    assert.deepEqual(compileRanges(["0.0.0.0/1", "128.0.0.0/1"]).warnings, [{ hint: "everything" }]);
    assert.equal(compileRanges(new Array(100).fill("10.1.2.3/8")).warnings.length, 20);
  });

  it("refuses everything where that is asked, in pieces too", () => {
    const options = { refuseEverything: true, option: "trusted" };
    assert.match(errorOf(() => compileRanges(["10.0.0.1", "::/0"], options)).message, /^line 2: "::\/0": /);
    assert.match(errorOf(() => compileRanges(["0.0.0.0/1", "128.0.0.0/1"], options)).message, /together/);
    assert.equal(compileRanges(["10.0.0.0/8"], options).size, 1);
  });
});

describe("ipv6Blocks", () => {
  it("covers a range exactly, in rising order", () => {
    const value = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [first, last] = inOrder([a, b]);
        const blocks = ipv6Blocks(bigIntToWords(first), bigIntToWords(last));
        assert.ok(blocks.length <= 254);
        let next = first;
        for (const block of blocks) {
          assert.equal(wordsToBigInt(block.first), next);
          next += 1n << BigInt(128 - block.prefix);
        }
        assert.equal(next, last + 1n);
      }),
    );
  });
});

describe("parseRangeList", () => {
  it("explains each line, with its comment", () => {
    const lines = parseRangeList("10.0.0.0/8 # office\r\n\n// only a comment\n10.0.0.0//8\n0.0.0.0/0\n10.1.1.1/8");
    const seen = lines.map(({ line, text, comment, problem, warning }) => [line, text, comment, problem ?? warning]);
    assert.deepEqual(seen, [
      [1, "10.0.0.0/8", "office", undefined],
      [2, "", "", undefined],
      [3, "", "only a comment", undefined],
      [4, "10.0.0.0//8", "", "bad-prefix"],
      [5, "0.0.0.0/0", "", "everything"],
      [6, "10.1.1.1/8", "", "host-bits"],
    ]);
    assert.equal(lines[0]?.entry?.kind, "cidr");
  });

  it("answers for every text, one result a line", () => {
    fc.assert(
      fc.property(fc.array(fc.string().map((text) => text.replaceAll("\n", ""))), (texts) => {
        assert.equal(parseRangeList(texts.join("\n")).length, Math.max(1, texts.length));
      }),
    );
  });
});
