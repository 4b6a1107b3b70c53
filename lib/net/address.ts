import { formatIpv4, parseIpv4 } from "./ipv4-text.ts";
import { firstOfBlock, formatIpv6, type Ipv6Words, isMapped, parseIpv6 } from "./ipv6-words.ts";

/**
 * An IP address as numbers. An IPv4-mapped IPv6 address (::ffff:0:0/96) is held as the IPv4 address that it stands for;
 * `::a.b.c.d`, NAT64 and 6to4 addresses are IPv6.
 */
export type Address =
  | { readonly family: 4; readonly value: number }
  | { readonly family: 6; readonly words: Ipv6Words };

/** What a zone may hold is Node's word: `net.isIPv6`. */
const ZONE = /^[0-9A-Za-z.:-]{1,64}$/;

const MAX_TEXT = 110;

/**
 * Reads one address as strictly as `net.isIP` does, in linear time, without white space, brackets or port.
 * The zone of an IPv6 address (RFC 4007) has a meaning on its own host only and is dropped.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_TEXT) return undefined;
  // On a dual-stack listener every IPv4 caller has this form.
  const value = parseIpv4(text, text.startsWith("::ffff:") ? 7 : 0);
  if (value !== undefined) return { family: 4, value };
  const percent = text.indexOf("%");
  if (percent < 0) return addressOf(parseIpv6(text));
  return ZONE.test(text.slice(percent + 1)) ? addressOf(parseIpv6(text.slice(0, percent))) : undefined;
}

/** Canonical text: dotted decimal, or RFC 5952. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIpv4(address.value) : formatIpv6(address.words);
}

/**
 * Name under which requests of an address are counted: an IPv4 address whole, an IPv6 address by its network, because
 * one subscriber has at least a /64 to choose from. `ipv6Prefix` is 1 to 128.
 */
export function countingKey(address: Address, ipv6Prefix = 64): string {
  if (address.family === 4) return formatIpv4(address.value);
  return `${formatIpv6(firstOfBlock(address.words, ipv6Prefix))}/${ipv6Prefix}`;
}

function addressOf(words: Ipv6Words | undefined): Address | undefined {
  if (words === undefined) return undefined;
  return isMapped(words) ? { family: 4, value: words[3] } : { family: 6, words };
}
