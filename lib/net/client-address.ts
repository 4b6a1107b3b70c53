import type { RequestFacts } from "../check.ts";
import { ConfigError } from "../errors.ts";
import { fieldCount, fieldValues, MAX_FIELDS, trimWhitespace } from "../http/header-fields.ts";
import { type Address, countingKey, formatAddress, parseAddress } from "./address.ts";
import { entryAddress, isTooLong, lastEntries, nodeAddress, parseForwarded } from "./forwarded.ts";
import type { RangeSet } from "./ip-range.ts";

/** Whose address a request counts for, or why nobody can say. */
export type ClientAddress = FoundAddress | UnknownAddress;

export interface FoundAddress {
  readonly address: Address;
  /** Canonical form. */
  readonly text: string;
  readonly via: "socket" | "header";
  /** Entries of the header that were walked; 0 for the socket's address. */
  readonly hops: number;
  /** Address of the connection's other end, canonical. */
  readonly peer: string;
}

export interface UnknownAddress {
  readonly address: undefined;
  readonly reason:
    | "no-peer"
    | "header-missing"
    | "header-malformed"
    | "all-trusted"
    | "too-many-hops"
    | "too-many-headers";
  readonly peer?: string;
  /** The entry that is no address, at most 64 characters. Outside text: escape it before it is shown. */
  readonly entry?: string;
}

export interface ClientAddressOptions {
  /** Proxies that are believed. Without them, and without `hops`, the socket's address counts and no header is read. */
  readonly trusted: RangeSet | undefined;
  /** `x-forwarded-for`, `forwarded`, or a header that holds one address, such as `x-real-ip`. No other header counts. */
  readonly header: string;
  /** A trusted proxy without the header: refuse, or take the request for the proxy's own. Default refuse. */
  readonly trustedWithoutHeader?: "refuse" | "peer";
  /** A chain of trusted proxies only: refuse, or take the left-most for the client. Default refuse. */
  readonly allTrusted?: "refuse" | "left-most";
  /**
   * Take this entry, counted from the right from 1, whoever wrote the others; for a fixed number of proxies of unknown
   * addresses. 1 to 32. With `trusted`, that only goes for a trusted peer.
   */
  readonly hops?: number;
}

const MAX_HOPS = 32;
const MAX_ENTRY_SHOWN = 64;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Finds the client's address behind proxies that are known, walking from the connection outwards. */
export function clientAddress(options: ClientAddressOptions): (facts: RequestFacts) => ClientAddress {
  const { trusted, hops } = options;
  const header = options.header.toLowerCase();
  if (!FIELD_NAME.test(header)) throw new ConfigError("header", "no name of a header");
  if (hops !== undefined && !(Number.isInteger(hops) && hops >= 1 && hops <= MAX_HOPS)) {
    throw new ConfigError("hops", `a whole number from 1 to ${MAX_HOPS}`);
  }
  if (trusted === undefined && hops === undefined) return fromSocket;
  const readEntries = entryReader(header);
  const addressOf = header === "forwarded" ? nodeAddress : entryAddress;
  const choose = hops === undefined ? walk(trusted as RangeSet, addressOf, options) : pickFromRight(hops, addressOf);

  return function clientOf(facts) {
    const peer = fromSocket(facts);
    if (peer.address === undefined || trusted?.contains(peer.address) === false) return peer;
    if (fieldCount(facts.rawHeaders) >= MAX_FIELDS) return unknown("too-many-headers", peer);
    const entries = readEntries(facts.rawHeaders);
    return entries === undefined ? unknown("header-malformed", peer) : choose(entries, peer);
  };
}

/**
 * Whom a request is counted for: an IPv4 address, the /64 of an IPv6 one, or the connection's other end while the
 * client's address cannot be told.
 */
export function countedSource(facts: RequestFacts, resolve: (facts: RequestFacts) => ClientAddress): string {
  const from = resolve(facts);
  return from.address ? countingKey(from.address) : (from.peer ?? "unknown");
}

type Choose = (entries: readonly string[], peer: FoundAddress) => ClientAddress;
type Otherwise = (hop: FoundAddress) => ClientAddress;
type AddressOf = (entry: string) => Address | undefined;

function fromSocket({ peer }: RequestFacts): ClientAddress {
  const address = peer === undefined ? undefined : parseAddress(peer);
  if (address === undefined) return { address: undefined, reason: "no-peer" };
  const text = formatAddress(address);
  return { address, text, via: "socket", hops: 0, peer: text };
}

/** Reads the entries of the header, the right-most first, and one more than may be walked; undefined if malformed. */
function entryReader(header: string): (rawHeaders: readonly string[]) => readonly string[] | undefined {
  if (header === "forwarded") {
    return (rawHeaders) => {
      const elements = parseForwarded(fieldValues(rawHeaders, header));
      // A hop that keeps its client to itself counts like one that says "unknown".
      return elements
        ?.slice(-MAX_HOPS - 1)
        .reverse()
        .map((element) => element.get("for") ?? "unknown");
    };
  }
  if (header === "x-forwarded-for") {
    return (rawHeaders) => {
      const values = fieldValues(rawHeaders, header);
      return isTooLong(values) ? undefined : lastEntries(values, MAX_HOPS + 1);
    };
  }
  return (rawHeaders) => {
    const values = fieldValues(rawHeaders, header);
    return values.length > 1 || isTooLong(values) ? undefined : values.map(trimWhitespace).filter(Boolean);
  };
}

/** The first address from the right that is no trusted proxy. */
function walk(trusted: RangeSet, addressOf: AddressOf, options: ClientAddressOptions): Choose {
  const ifMissing: Otherwise = options.trustedWithoutHeader === "peer" ? keep : refuse("header-missing");
  const ifAllTrusted: Otherwise = options.allTrusted === "left-most" ? keep : refuse("all-trusted");
  const ifTooMany: Otherwise = refuse("too-many-hops");
  return (entries, peer) => {
    if (entries.length === 0) return ifMissing(peer);
    const end = endOfWalk(entries, trusted, addressOf, peer);
    if (end.address === undefined || !trusted.contains(end.address)) return end;
    return entries.length > MAX_HOPS ? ifTooMany(end) : ifAllTrusted(end);
  };
}

function keep(hop: FoundAddress): ClientAddress {
  return hop;
}

function refuse(reason: UnknownAddress["reason"]): Otherwise {
  return (hop) => unknown(reason, hop);
}

/** Where the walk ends: at the first entry that is not trusted, or at the last that may be walked. */
function endOfWalk(
  entries: readonly string[],
  trusted: RangeSet,
  addressOf: AddressOf,
  peer: FoundAddress,
): ClientAddress {
  let hop = peer;
  for (let i = 0; i < Math.min(entries.length, MAX_HOPS); i++) {
    const entry = entries[i] as string;
    const address = addressOf(entry);
    if (address === undefined) return unknown("header-malformed", peer, entry);
    hop = found(address, i + 1, peer);
    if (!trusted.contains(address)) return hop;
  }
  return hop;
}

function pickFromRight(hops: number, addressOf: AddressOf): Choose {
  return (entries, peer) => {
    const entry = entries[hops - 1];
    if (entry === undefined) return unknown("header-missing", peer);
    const address = addressOf(entry);
    return address === undefined ? unknown("header-malformed", peer, entry) : found(address, hops, peer);
  };
}

function found(address: Address, hops: number, { peer }: FoundAddress): FoundAddress {
  return { address, text: formatAddress(address), via: "header", hops, peer };
}

function unknown(reason: UnknownAddress["reason"], { peer }: FoundAddress, entry?: string): UnknownAddress {
  if (entry === undefined) return { address: undefined, reason, peer };
  return { address: undefined, reason, peer, entry: entry.slice(0, MAX_ENTRY_SHOWN) };
}
