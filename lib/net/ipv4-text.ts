/**
 * Reads dotted decimal from `start` to the end of the text: four octets without leading zeros, nothing else.
 * The result is an unsigned 32-bit number.
 */
export function parseIpv4(text: string, start = 0): number | undefined {
  let value = 0;
  let from = start;
  for (let i = 0; i < 4; i++) {
    const to = i < 3 ? text.indexOf(".", from) : text.length;
    const octet = parseOctet(text, from, to);
    if (octet < 0) return undefined;
    value = value * 256 + octet;
    from = to + 1;
  }
  return value;
}

export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** -1 where there is no octet. A leading zero is refused, because other readers take it for octal (CVE-2021-28918). */
function parseOctet(text: string, from: number, to: number): number {
  const length = to - from;
  if (length < 1 || length > 3 || (length > 1 && text.charCodeAt(from) === 0x30)) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value > 255 ? -1 : value;
}
