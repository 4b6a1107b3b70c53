import { BlockList } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import ipaddr from "ipaddr.js";
import { built } from "./built.ts";
import { atMost, explained, type Measurement, type Row, ratio } from "./row.ts";
import { median } from "./statistics.ts";

type Contains = (address: string) => boolean;
type Compile = (entries: readonly string[]) => Contains;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Look-ups of addresses, as text, among many ranges. */
export const ranges: Measurement = async ({ quick }) => {
  const { compileRanges } = await built<typeof import("../lib/net/ip-range.ts")>("lib/net/ip-range");
  const { parseAddress } = await built<typeof import("../lib/net/address.ts")>("lib/net/address");
  const compile: Compile = (entries) => {
    const set = compileRanges(entries);
    return (text) => {
      const address = parseAddress(text);
      return address !== undefined && set.contains(address);
    };
  };
  const million = rangeTexts(quick ? 100_000 : 1_000_000);
  return [...besideOthers(compile, quick), ...bySize(compile, million, quick), memory(compileRanges, million)];
};

/** A fixed sequence: every run looks up the same addresses in the same ranges. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  };
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}

/** Ranges of /24 to /32, spread over all of IPv4. */
function rangeTexts(count: number): readonly string[] {
  const next = sequence(7);
  return Array.from({ length: count }, () => `${dotted(next())}/${24 + (next() % 9)}`);
}

function addressTexts(count: number, seed: number): readonly string[] {
  const next = sequence(seed);
  return Array.from({ length: count }, () => dotted(next()));
}

function besideOthers(compile: Compile, quick: boolean): readonly Row[] {
  const entries = rangeTexts(100_000);
  const hot = addressTexts(1_000, 11);
  const some = hot.slice(0, 5);
  const [own, blockList, linear] = inTurn(quick ? 3 : 9, [
    looking(compile(entries), hot, 100),
    looking(blockListOf(entries), some, 1),
    looking(linearIpaddr(entries), some, 1),
  ]) as [number, number, number];
  const note = (other: number) => `${nano(own)} against ${(other / 1e6).toFixed(2)} ms a look-up`;
  const fine = (value: number) => `1/${Math.round(1 / value)}`;
  return [
    atMost("look-up among 100,000 ranges ÷ net.BlockList", own / blockList, 1 / 10_000, fine, note(blockList)),
    atMost("look-up among 100,000 ranges ÷ linear ipaddr.js", own / linear, 1 / 10_000, fine, note(linear)),
  ];
}

function bySize(compile: Compile, million: readonly string[], quick: boolean): readonly Row[] {
  const hot = addressTexts(1_000, 11);
  const cold = addressTexts(100_000, 13);
  const small = compile(rangeTexts(10));
  const large = compile(million);
  const [smallHot, largeHot, smallCold, largeCold] = inTurn(quick ? 5 : 31, [
    looking(small, hot, 100),
    looking(large, hot, 100),
    looking(small, cold, 1),
    looking(large, cold, 1),
  ]) as [number, number, number, number];
  const note = (least: number, most: number) => `${nano(least)} and ${nano(most)}, with the parsing of the text`;
  const size = million.length.toLocaleString("en");
  return [
    atMost(`${size} ÷ 10 ranges, 1,000 addresses in turn`, largeHot / smallHot, 2.5, ratio, note(smallHot, largeHot)),
    explained(
      atMost(
        `${size} ÷ 10 ranges, 100,000 random addresses`,
        largeCold / smallCold,
        2.5,
        ratio,
        note(smallCold, largeCold),
      ),
      "each look-up waits for memory that no cache holds",
    ),
  ];
}

function memory(compileRanges: (entries: readonly string[]) => { readonly size: number }, entries: readonly string[]) {
  const before = usedBytes();
  const set = compileRanges(entries);
  const each = (usedBytes() - before) / entries.length;
  return atMost(
    "memory a range",
    each,
    20,
    (bytes) => `${bytes.toFixed(1)} bytes`,
    `${set.size.toLocaleString("en")} disjoint ranges of ${entries.length.toLocaleString("en")}`,
  );
}

function usedBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function blockListOf(entries: readonly string[]): Contains {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    list.addSubnet(address, Number(prefix), "ipv4");
  }
  return (text) => list.check(text, "ipv4");
}

function linearIpaddr(entries: readonly string[]): Contains {
  const parsed = entries.map((entry) => ipaddr.IPv4.parseCIDR(entry));
  return (text) => {
    const address = ipaddr.IPv4.parse(text);
    return parsed.some((range) => address.match(range));
  };
}

/** Nanoseconds a look-up. Counts what it finds, so that nothing is left out as useless. */
function looking(contains: Contains, addresses: readonly string[], times: number): () => number {
  return () => {
    const before = process.hrtime.bigint();
    let found = 0;
    for (let i = 0; i < times; i++) found += addresses.filter(contains).length;
    const spent = Number(process.hrtime.bigint() - before);
    if (found > addresses.length * times) throw new Error("more found than looked for");
    return spent / (addresses.length * times);
  };
}

/** Medians of what each measured, in rounds. */
function inTurn(rounds: number, measurements: readonly (() => number)[]): readonly number[] {
  const results = measurements.map((): number[] => []);
  for (let round = -2; round < rounds; round++) {
    for (const [i, measure] of measurements.entries()) {
      const result = measure();
      if (round >= 0) results[i]?.push(result);
    }
  }
  return results.map(median);
}

function nano(value: number): string {
  return `${value.toFixed(0)} ns`;
}
