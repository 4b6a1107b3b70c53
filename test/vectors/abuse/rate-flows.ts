import { Unsupported } from "./placeholders.ts";
import type { AbuseCase, AbuseIndex, Fixture } from "./types.ts";

/** How the limits of the rate fixtures are to be. */
export interface RateArrangement {
  readonly limit: number | string;
  /** Whether 127.0.0.1 is a proxy that is believed. */
  readonly isBehindProxy: boolean;
}

/** What a case wants of the limits; undefined for cases of other fixtures. */
export function rateArrangement({ fixture, config = {} }: AbuseCase, index: AbuseIndex): RateArrangement | undefined {
  if (!fixture.startsWith("F-rate")) return undefined;
  const unknown = Object.keys(config).filter((name) => name !== "limit");
  if (unknown.length > 0) throw new Unsupported(`limits with ${unknown.join(", ")}`);
  const limit = (config.limit ?? index.fixtures["F-rate"]?.limit ?? 5) as number | string;
  return { limit, isBehindProxy: index.fixtures[fixture]?.trustedProxies !== undefined };
}

/** A limit on requests by address, or by whoever a check before it let in. */
export function rateCheck(
  fixture: Fixture,
  { limit, isBehindProxy }: RateArrangement,
  countBy: "address" | "principal",
): Readonly<Record<string, unknown>> {
  return {
    type: "api-rate-limit",
    version: 1,
    countBy,
    property: "",
    otherwise: "refuse",
    ownLimit: false,
    limits: [{ requests: limit, per: fixture.windowSeconds ?? 10, unit: "second", burst: "" }],
    timeZone: "UTC",
    cost: "1",
    costType: "num",
    sharedName: "",
    store: "",
    whenAway: "refuse",
    network: isBehindProxy ? "network-rate" : "",
    countRefused: false,
    olderFields: false,
    observe: false,
  };
}
