import { hash } from "node:crypto";
import type { Caller, Principal, Rejected, RequestFacts } from "../check.ts";
import { countingKey, formatAddress, parseAddress } from "../net/address.ts";
import type { ClientAddress, FoundAddress } from "../net/client-address.ts";

type Otherwise = "refuse" | "address";

/** For whom requests are counted together. */
export type CountBy =
  /** The key or user that an earlier check let in; `ownLimit` lets the limit in its record take the place of the others. */
  | { readonly by: "principal"; readonly ownLimit: boolean; readonly otherwise: Otherwise }
  /** IPv6 by its /64. */
  | { readonly by: "address" }
  /** A text or number from the message. */
  | { readonly by: "given"; readonly otherwise: Otherwise }
  | { readonly by: "everyone" };

/** Who a request is counted for. */
export interface Subject {
  /** No two subjects have one name. Holds no outside text but as a hash. */
  readonly name: string;
  /** For the flow's author. */
  readonly kind: "key" | "user" | "address" | "given value" | "everyone";
  readonly principalId?: string;
  /** Canonical, where it was looked at. */
  readonly address?: string;
  readonly ownLimit?: Principal["limit"];
}

type ReadSubject = (facts: RequestFacts, caller: Caller | undefined) => Subject | Rejected;

const everyone: Subject = { name: "everyone", kind: "everyone" };

/** Longer texts are no names. */
const mostCharacters = 1024;

export function subjectReader(
  countBy: CountBy,
  clientAddress: ((facts: RequestFacts) => ClientAddress) | undefined,
): ReadSubject {
  const byAddress: ReadSubject = (facts, caller) => addressSubject(facts, caller, clientAddress);
  if (countBy.by === "everyone") return () => everyone;
  if (countBy.by === "address") return byAddress;
  const read = countBy.by === "principal" ? principalReader(countBy.ownLimit) : readGiven;
  const otherwise =
    countBy.otherwise === "address" ? byAddress : () => (countBy.by === "principal" ? noPrincipal : nothingGiven);
  return (facts, caller) => read(caller) ?? otherwise(facts, caller);
}

function principalReader(ownLimit: boolean): (caller: Caller | undefined) => Subject | undefined {
  return (caller) => {
    if (caller?.principal === undefined) return undefined;
    const { kind, id, limit } = caller.principal;
    return { name: `${kind} ${id}`, kind, principalId: id, ...(ownLimit && limit && { ownLimit: limit }) };
  };
}

function readGiven(caller: Caller | undefined): Subject | undefined {
  const value = caller?.given?.countBy;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  const text = String(value);
  if (text === "" || text.length > mostCharacters) return undefined;
  return { name: `given ${hash("sha256", text, "base64url")}`, kind: "given value" };
}

function addressSubject(
  facts: RequestFacts,
  caller: Caller | undefined,
  clientAddress: ((facts: RequestFacts) => ClientAddress) | undefined,
): Subject {
  const found = clientAddress ? clientAddress(facts) : knownAddress(caller?.address ?? facts.peer);
  // Whose address cannot be told is counted for the connection's other end.
  if (found.address === undefined) return { name: `address ${found.peer ?? "unknown"}`, kind: "address" };
  return { name: `address ${countingKey(found.address)}`, kind: "address", address: found.text };
}

function knownAddress(
  text: string | undefined,
): Pick<FoundAddress, "address" | "text"> | { address: undefined; peer?: string } {
  const address = text === undefined ? undefined : parseAddress(text);
  return address ? { address, text: formatAddress(address) } : { address };
}

const noPrincipal: Rejected = {
  accepted: false,
  status: 403,
  reason: "missing-credentials",
  detail: "no check before this one let in a key or user to count for",
  challenges: [],
  carriers: [],
};

const nothingGiven: Rejected = {
  accepted: false,
  status: 403,
  reason: "uncounted",
  detail: "the message holds no text or number to count by",
  challenges: [],
  carriers: [],
};
