import type { RequestFacts } from "../../lib/check.ts";
import { ipAllowlist } from "../../lib/checks/ip-allowlist.ts";
import { fieldValues } from "../../lib/http/header-fields.ts";
import { countingKey, formatAddress, parseAddress } from "../../lib/net/address.ts";
import { clientAddress } from "../../lib/net/client-address.ts";
import { lastEntries, parseForwarded } from "../../lib/net/forwarded.ts";
import { compileRanges } from "../../lib/net/ip-range.ts";
import { parseIpv4 } from "../../lib/net/ipv4-text.ts";
import { formatIpv6, parseIpv6 } from "../../lib/net/ipv6-words.ts";
import { describeRange } from "../../lib/net/range-description.ts";

/** True, or why the case failed; a text that begins with "unsupported: " where the case is no target. */
export type Outcome = true | string;

export interface NetCase {
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly adopt?: boolean;
  readonly may_reject?: boolean;
}

type Run = (input: never, expected: NetCase["expected"], mayReject: boolean) => Outcome;

/** Runs a case of ip-cidr.json. */
export function runIpCidr(netCase: NetCase): Outcome {
  return run(CIDR_OPS, String(netCase.input.op), netCase);
}

/** Runs a case of forwarded.json, with both options of the network node on. */
export function runForwarded(netCase: NetCase): Outcome {
  if (netCase.adopt === false) return "unsupported: documents another system";
  return run(FORWARDED_ALGORITHMS, String(netCase.input.algorithm), netCase);
}

/** Runs a case of auth-combination.json whose op is `ip-policy`. */
export function runIpPolicy(netCase: NetCase): Outcome {
  return run(POLICY_OPS, String(netCase.input.op), netCase);
}

const CIDR_OPS: ReadonlyMap<string, Run> = new Map<string, Run>([
  ["parse-ip", ({ text }: { text: string }, expected) => same(parsedAddress(text), expected)],
  ["parse-cidr", ({ text }: { text: string }, expected, mayReject) => runParseCidr(text, expected, mayReject)],
  [
    "match",
    ({ list, ip }: { list: string[]; ip: string }, expected) => {
      const address = parseAddress(ip);
      return same({ match: address !== undefined && compileRanges(list).contains(address) }, expected);
    },
  ],
  [
    "rate-key",
    ({ ip, ipv6Prefix }: { ip: string; ipv6Prefix?: number }, expected) => {
      const address = parseAddress(ip);
      return same(address === undefined ? {} : { key: countingKey(address, ipv6Prefix) }, expected);
    },
  ],
]);

interface ForwardedInput {
  readonly remoteAddress: string | null;
  readonly headers: readonly (readonly [string, string])[];
  readonly trusted?: readonly string[];
  readonly header?: string;
  readonly depth?: number;
  readonly ipv6Prefix?: number;
}

const FORWARDED_ALGORITHMS: ReadonlyMap<string, Run> = new Map<string, Run>([
  ["walk", (input: ForwardedInput, expected) => same({ clientIp: walked(input) }, expected)],
  ["depth", (input: ForwardedInput, expected) => same({ clientIp: atDepth(input) }, expected)],
  [
    "parse",
    (input: ForwardedInput, expected) => {
      const entries = lastEntries(fieldValues(factsOf(input).rawHeaders, headerOf(input)), 100);
      return same({ hops: [input.remoteAddress, ...entries] }, expected);
    },
  ],
  [
    "parse-forwarded",
    (input: ForwardedInput, expected) => {
      const elements = parseForwarded(fieldValues(factsOf(input).rawHeaders, "forwarded"));
      const result =
        elements === undefined ? { invalid: true } : { elements: elements.map((each) => Object.fromEntries(each)) };
      return same(result, expected);
    },
  ],
]);

interface PolicyInput {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly ip: string | null;
}

const POLICY_OPS: ReadonlyMap<string, Run> = new Map<string, Run>([
  [
    "ip-policy",
    ({ allow, deny, ip }: PolicyInput, expected) => {
      const check = ipAllowlist({
        allow: compileRanges(allow),
        except: compileRanges(deny),
        clientAddress: clientAddress({ trusted: undefined, header: "x-forwarded-for" }),
      });
      const verdict = check({ method: "GET", target: "/", rawHeaders: [], peer: ip ?? undefined });
      if (verdict instanceof Promise) return "the check did not answer at once";
      return same({ status: verdict.accepted ? 200 : verdict.status }, expected);
    },
  ],
]);

function run(ops: ReadonlyMap<string, Run>, op: string, { input, expected, may_reject }: NetCase): Outcome {
  const found = ops.get(op);
  if (found === undefined) return `unsupported: ${op}`;
  try {
    return found(input as never, expected, may_reject === true);
  } catch (error) {
    return String(error);
  }
}

/** Expected fields only: a case may leave out what it does not care about. */
function same(actual: Readonly<Record<string, unknown>>, expected: NetCase["expected"]): Outcome {
  for (const [name, value] of Object.entries(expected)) {
    const [wanted, got] = [JSON.stringify(value), JSON.stringify(actual[name])];
    if (wanted !== got) return `${name}: expected ${wanted}, got ${got}`;
  }
  return true;
}

/** As the vectors want it: zone kept, an IPv4-mapped address left as IPv6. */
function parsedAddress(text: string): Record<string, unknown> {
  if (parseAddress(text) === undefined) return { valid: false };
  const value = parseIpv4(text);
  if (value !== undefined) return { valid: true, version: 4, canonical: formatAddress({ family: 4, value }) };
  const at = text.includes("%") ? text.indexOf("%") : text.length;
  const words = parseIpv6(text.slice(0, at));
  if (words === undefined) return { valid: false };
  return { valid: true, version: 6, canonical: formatIpv6(words) + text.slice(at) };
}

function runParseCidr(text: string, expected: NetCase["expected"], mayReject: boolean): Outcome {
  const description = describeRange(text);
  if ("problem" in description) return mayReject ? true : same({ valid: false }, expected);
  const { kind, canonical } = description;
  const network = kind === "address" ? `${canonical}/${canonical.includes(":") ? 128 : 32}` : canonical;
  const { network: wanted, ...rest } = expected;
  if (wanted === undefined) return same({ valid: true }, rest);
  // A mapped block is the IPv4 block, however the case spells it.
  const spelled = describeRange(String(wanted));
  const isMapped = String(wanted).startsWith("::ffff:") && "canonical" in spelled && spelled.canonical === network;
  return same({ valid: true, network: isMapped ? wanted : network }, expected);
}

function headerOf(input: ForwardedInput): string {
  return (input.header ?? "x-forwarded-for").toLowerCase();
}

function factsOf(input: ForwardedInput): RequestFacts {
  return { method: "GET", target: "/", rawHeaders: input.headers.flat(), peer: input.remoteAddress ?? undefined };
}

function walked(input: ForwardedInput): string | null {
  const find = clientAddress({
    trusted: compileRanges(input.trusted ?? []),
    header: headerOf(input),
    trustedWithoutHeader: "peer",
    allTrusted: "left-most",
  });
  const client = find(factsOf(input));
  return client.address === undefined ? null : client.text;
}

function atDepth(input: ForwardedInput): string | null {
  const find = clientAddress({ trusted: undefined, header: headerOf(input), hops: input.depth ?? 1 });
  const { address } = find(factsOf(input));
  if (address === undefined) return null;
  if (input.ipv6Prefix === undefined) return formatAddress(address);
  return countingKey(address, input.ipv6Prefix).replace(/\/\d+$/, "");
}
