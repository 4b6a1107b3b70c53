import type { FailureThrottle } from "../failure-throttle.ts";
import { normaliseUserName } from "../names.ts";
import { countingKey, parseAddress } from "../net/address.ts";
import { type Operation, reading } from "./outcome.ts";
import { fail, object, optional, type Reader, string } from "./reader.ts";

/** As failures are counted: an IPv4 address, the /64 of an IPv6 one, or a user wherever the name was tried. */
export type UnlockTarget = { readonly address: string } | { readonly identity: string };

const countedAddress: Reader<string> = (value, pointer, problems) => {
  const text = string(value, pointer, problems);
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  return address ? countingKey(address) : fail(problems, pointer, "must be one IP address");
};

const members = object({ address: optional(countedAddress), user: optional(string) });

/** Reads `{ "address": … }` or `{ "user": … }`. */
export const unlockTarget: Reader<UnlockTarget> = (value, pointer, problems) => {
  const before = problems.length;
  const { address, user } = members(value, pointer, problems) ?? {};
  if (problems.length > before) return undefined;
  if ((address === undefined) === (user === undefined)) return fail(problems, pointer, "takes an address or a user");
  if (address !== undefined) return { address };
  return { identity: normaliseUserName(user as string) ?? (user as string) };
};

/** What was unlocked, as people named it. */
export function unlockedName(target: UnlockTarget): string {
  return "address" in target ? target.address : target.identity;
}

/** The same, as the request names it. */
export function unlockedTarget(target: UnlockTarget): object {
  return "address" in target ? target : { user: target.identity };
}

/** Lets an address, or a user wherever it was tried, try again after too many failures in this process. */
export function unlockOperation(throttle: FailureThrottle): Operation {
  return reading(unlockTarget, async (target) => {
    throttle.unlock(target);
    return { done: true, value: { unlocked: unlockedTarget(target) }, changed: { id: unlockedName(target) } };
  });
}
