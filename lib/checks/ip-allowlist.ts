import type { Check, Rejected, RequestFacts, Verdict } from "../check.ts";
import type { ClientAddress, FoundAddress, UnknownAddress } from "../net/client-address.ts";
import { compileRanges, type RangeSet } from "../net/ip-range.ts";

/** A list, or a function that yields the current one; undefined while it is not loaded. */
export type AddressList = RangeSet | (() => RangeSet | undefined);

export interface IpAllowlistOptions {
  /**
   * Who may pass. An empty list denies everybody, except where it is a fixed one and `except` has entries: then all but
   * those may pass. A list that was loaded and came out empty never opens the door.
   */
  readonly allow: AddressList;
  /** Who may not pass in any case. */
  readonly except?: AddressList;
  readonly clientAddress: (facts: RequestFacts) => ClientAddress;
}

const RETRY_AFTER_SECONDS = 5;

const UNKNOWN: Readonly<Record<UnknownAddress["reason"], string>> = {
  "no-peer": "the connection has no address (any more)",
  "header-missing": "a trusted proxy sent no forwarding header",
  "header-malformed": "the forwarding header cannot be read",
  "all-trusted": "the forwarding header names trusted proxies only",
  "too-many-hops": "the forwarding header names too many hops",
  "too-many-headers": "the request has so many header fields that the forwarding header may be incomplete",
};

/** Lets only listed addresses through. Proves no identity. */
export function ipAllowlist(options: IpAllowlistOptions): Check {
  const { allow, except = compileRanges([]) } = options;
  const mayBeOpen = typeof allow !== "function" && allow.size === 0;

  return function checkAddress(facts) {
    const allowed = current(allow);
    const excepted = current(except);
    if (allowed === undefined || excepted === undefined) return notLoaded();
    const isOpen = mayBeOpen && excepted.size > 0;
    return judge(options.clientAddress(facts), isOpen ? undefined : allowed, excepted);
  };
}

/** Without `allowed` everybody may pass who is not excepted. */
function judge(client: ClientAddress, allowed: RangeSet | undefined, excepted: RangeSet): Verdict {
  if (client.address === undefined) return addressUnknown(client);
  if (excepted.contains(client.address)) return addressRefused(client, "an exception names it");
  if (allowed?.contains(client.address) === false) return addressRefused(client, "no allowed range contains it");
  return { accepted: true, address: client.text, carriers: [] };
}

function current(list: AddressList): RangeSet | undefined {
  return typeof list === "function" ? list() : list;
}

function notLoaded(): Rejected {
  return {
    accepted: false,
    status: 503,
    reason: "misconfigured",
    challenges: [],
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    detail: "the list of addresses is not loaded",
    carriers: [],
  };
}

function addressUnknown({ reason, peer, entry }: UnknownAddress): Rejected {
  const shown = entry === undefined ? "" : `: ${JSON.stringify(entry)} is no address`;
  const connection = peer === undefined ? "" : `; the connection came from ${peer}`;
  const detail = `${UNKNOWN[reason]}${shown}${connection}`;
  return { accepted: false, status: 403, reason: "address-unknown", challenges: [], detail, carriers: [] };
}

function addressRefused({ text, via, hops, peer }: FoundAddress, why: string): Rejected {
  const origin =
    via === "socket"
      ? "the connection's own address"
      : `entry ${hops} from the right of the forwarding header; the connection came from ${peer}`;
  const detail = `${text} (${origin}): ${why}`;
  return {
    accepted: false,
    status: 403,
    reason: "address-refused",
    challenges: [],
    address: text,
    detail,
    carriers: [],
  };
}
