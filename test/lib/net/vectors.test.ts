import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { RequestFacts } from "../../../lib/check.ts";
import { ipAllowlist } from "../../../lib/checks/ip-allowlist.ts";
import { clientAddress } from "../../../lib/net/client-address.ts";
import { compileRanges } from "../../../lib/net/ip-range.ts";
import { type NetCase, type Outcome, runForwarded, runIpCidr, runIpPolicy } from "../../vectors/net-cases.ts";

function load(name: string): readonly NetCase[] {
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}`, import.meta.url), "utf8")).cases;
}

function runAll(cases: readonly NetCase[], run: (netCase: NetCase) => Outcome): void {
  for (const netCase of cases) {
    it(netCase.id, function () {
      const outcome = run(netCase);
      if (typeof outcome === "string" && outcome.startsWith("unsupported: ")) this.skip();
      assert.equal(outcome, true);
    });
  }
}

interface AbuseCase {
  readonly id: string;
  readonly fixture: string;
  readonly runner: string;
  readonly config?: { readonly allow: readonly string[]; readonly trustedProxies?: readonly string[] };
  readonly request: { readonly headers: readonly (readonly [string, string])[]; readonly remoteAddress: string };
  readonly expected: { readonly output: 1 | 2 | readonly (1 | 2 | "none")[] };
}

const IP_FIXTURE = {
  allow: ["192.0.2.0/24", "198.51.100.7", "127.0.0.3", "2001:db8:a::/48"],
  trustedProxies: ["127.0.0.1", "127.0.0.10", "203.0.113.10"],
  header: "x-forwarded-for",
};
const FIXTURES = new Map([
  ["F-ip", IP_FIXTURE],
  ["F-ip-loopback", { ...IP_FIXTURE, allow: ["192.0.2.0/24", "127.0.0.0/8"], trustedProxies: ["127.0.0.1"] }],
  ["F-ip-forwarded", { ...IP_FIXTURE, header: "forwarded" }],
  ["F-ip-config", { allow: [], trustedProxies: [], header: "x-forwarded-for" }],
]);

/** The request as Node would hand it over, with the placeholders of abuse-index.json filled in. */
function factsOf({ request }: AbuseCase): RequestFacts {
  const rawHeaders = request.headers.flatMap(([name, value]) => {
    const times = /^(.*):(.*) x (\d+)$/.exec(value);
    if (name !== "{{repeatHeaders}}" || times === null)
      return [name, value.replace(/\{\{repeat:(.*?):(\d+)\}\}/g, fill)];
    return Array.from({ length: Number(times[3]) }, () => [times[1] ?? "", times[2] ?? ""]).flat();
  });
  return { method: "GET", target: "/ip", rawHeaders, peer: request.remoteAddress };
}

function fill(_: string, text: string, times: string): string {
  return text.repeat(Number(times));
}

describe("published and derived cases of addresses", () => {
  describe("ip-cidr.json", () => runAll(load("ip-cidr.json"), runIpCidr));
  describe("forwarded.json", () => runAll(load("forwarded.json"), runForwarded));
  const isPolicy = ({ input }: NetCase) => input.op === "ip-policy";
  describe("auth-combination.json, ip-policy", () =>
    runAll(load("auth-combination.json").filter(isPolicy), runIpPolicy));

  it("reports a case that fails", () => {
    const input = { op: "match", list: ["10.0.0.0/8"], ip: "10.0.0.1" };
    assert.match(String(runIpCidr({ id: "x", input, expected: { match: false } })), /expected false, got true/);
    assert.match(String(runIpCidr({ id: "x", input: { op: "other" }, expected: {} })), /^unsupported: /);
  });
});

describe("abuse-ip.json", () => {
  const cases = load("abuse-ip.json") as unknown as readonly AbuseCase[];
  for (const abuse of cases.filter(({ runner }) => runner !== "deploy")) {
    it(abuse.id, async () => {
      const fixture = { ...FIXTURES.get(abuse.fixture)!, ...abuse.config };
      const check = ipAllowlist({
        allow: compileRanges(fixture.allow),
        clientAddress: clientAddress({
          trusted: compileRanges(fixture.trustedProxies, { refuseEverything: true }),
          header: fixture.header,
        }),
      });
      const verdict = await check(factsOf(abuse));
      const outputs = [abuse.expected.output].flat();
      assert.ok(outputs.includes(verdict.accepted ? 1 : 2), JSON.stringify(verdict));
    });
  }
  for (const abuse of cases.filter(({ runner }) => runner === "deploy")) {
    it(`${abuse.id} is refused when it is compiled`, () => {
      assert.throws(() => {
        compileRanges(abuse.config?.allow ?? []);
        compileRanges(abuse.config?.trustedProxies ?? [], { refuseEverything: true });
      }, /^ConfigError: /);
    });
  }
});
