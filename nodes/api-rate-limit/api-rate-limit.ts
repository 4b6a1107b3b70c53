import { randomBytes } from "node:crypto";
import type { NodeAPI, NodeDef } from "node-red";
import type { Given } from "../../lib/check.ts";
import { type Counters, rateLimit } from "../../lib/checks/rate-limit.ts";
import { localCounters } from "../../lib/limits/local-counters.ts";
import { steadyClock } from "../../lib/limits/steady-clock.ts";
import { registerCheckNode } from "../shared/check-node.ts";
import { addressResolverOf, storeHandleOf } from "../shared/config-nodes.ts";
import type { FlowMessage } from "../shared/message.ts";
import type { ApiRateLimitConfig } from "./config.ts";
import { optionsOf } from "./options.ts";

type Definition = NodeDef & ApiRateLimitConfig;

/** One for the process, so that all limits together have one bound, and a deploy sets nothing back. */
let local: Counters | undefined;

/** Other processes count in the same store, so that times must mean the same to all. */
const sharedClock = steadyClock(Date.now, () => performance.now());

export default function apiRateLimit(RED: NodeAPI): void {
  registerCheckNode<Definition>(RED, "api-rate-limit", (config) => {
    const { take } = config.store ? storeHandleOf(RED, config.store).store : {};
    const check = rateLimit({
      ...optionsOf(config),
      counters: take ? { take, now: sharedClock } : countersHere(),
      substitute: take && config.whenAway === "local" ? countersHere() : undefined,
      clientAddress: config.network ? addressResolverOf(RED, config.network) : undefined,
      now: Date.now,
    });
    return { check, given: givenBy(RED, config) };
  });
}

function countersHere(): Counters {
  local ??= {
    take: localCounters({ key: randomBytes(8), random: Math.random }).take,
    // The wall clock may be set; this one only goes on.
    now: () => performance.timeOrigin + performance.now(),
  };
  return local;
}

function givenBy(RED: NodeAPI, { countBy, property, cost, costType }: Definition) {
  const usesProperty = countBy === "property";
  const usesCost = costType === "msg";
  if (!usesProperty && !usesCost) return undefined;
  return (msg: FlowMessage): Given => ({
    ...(usesProperty && { countBy: propertyOf(RED, msg, property) }),
    ...(usesCost && { cost: propertyOf(RED, msg, cost) }),
  });
}

/** Undefined where a part of the way is missing. */
function propertyOf(RED: NodeAPI, msg: FlowMessage, property: string): unknown {
  try {
    return RED.util.getMessageProperty(msg, property.trim());
  } catch {
    return undefined;
  }
}
