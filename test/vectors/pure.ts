import { runCombination } from "./combination-cases.ts";
import type { Family, PureCase } from "./corpus.ts";
import { runRateLimit } from "./limit-cases.ts";
import { runForwarded, runIpCidr } from "./net-cases.ts";
import type { Outcome } from "./report.ts";
import { runBasicAuth, runBearer, runHtpasswd } from "./secrets-cases.ts";

type Run = (one: PureCase) => Outcome | Promise<Outcome>;

const runners: Readonly<Partial<Record<Family, Run>>> = {
  "auth-combination": runCombination,
  "basic-auth": runBasicAuth,
  "bearer-and-challenge": runBearer,
  forwarded: runForwarded,
  htpasswd: runHtpasswd,
  "ip-cidr": runIpCidr,
  "rate-limit": runRateLimit,
};

/** Runs a case against `lib`. */
export async function runPure(one: PureCase & { readonly family: Family }): Promise<Outcome> {
  if (one.adopt === false) return "unsupported: no target: the case describes another system (adopt: false)";
  const run = runners[one.family];
  if (!run) return `unsupported: ${one.family} is not there yet`;
  try {
    return await run(one);
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}
