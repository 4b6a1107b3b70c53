import { randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The largest multiple of 62 that a byte can hold: bytes from here on would favour the first digits. */
const unbiasedBytes = 248;

/** Source of random bytes, as `crypto.randomBytes`. */
export type RandomBytes = (size: number) => Uint8Array;

/** Uniformly distributed base62 digits, 5.95 bits each. */
export function randomBase62(length: number, random: RandomBytes = randomBytes): string {
  let text = "";
  while (text.length < length) {
    for (const byte of random(length - text.length)) {
      if (byte < unbiasedBytes) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}

/** A non-negative integer in base62, most significant digit first, filled up with zeros to `width`. */
export function encodeBase62(value: number, width: number): string {
  let text = "";
  for (let rest = value; rest > 0; rest = Math.floor(rest / alphabet.length)) {
    text = alphabet.charAt(rest % alphabet.length) + text;
  }
  return text.padStart(width, "0");
}

/** Whether `text` ends in what `encodeBase62` makes of a value that `width` digits can hold. */
export function endsInBase62(text: string, value: number, width: number): boolean {
  let rest = value;
  for (let index = text.length - 1; index >= text.length - width; index--) {
    if (text.charCodeAt(index) !== alphabet.charCodeAt(rest % alphabet.length)) return false;
    rest = Math.floor(rest / alphabet.length);
  }
  return true;
}

/** Whether `text` has nothing but base62 digits from `start` up to `end`. */
export function isBase62(text: string, start = 0, end = text.length): boolean {
  for (let index = start; index < end; index++) {
    if (!isBase62Digit(text.charCodeAt(index))) return false;
  }
  return end > start;
}

function isBase62Digit(code: number): boolean {
  if (code < 0x3a) return code >= 0x30;
  if (code < 0x5b) return code >= 0x41;
  return code >= 0x61 && code <= 0x7a;
}
