import { hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";

/** Some milliseconds of work, after which the event loop gets its turn. */
const roundsPerTurn = 250;
const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const empty = Buffer.alloc(0);

export type DigestOf = (...parts: readonly Uint8Array[]) => Buffer;

export interface Stretching {
  readonly digestOf: DigestOf;
  readonly start: Buffer;
  readonly key: Buffer;
  readonly salt: Buffer;
  readonly rounds: number;
}

/** One-shot hashing of several parts with an algorithm of OpenSSL. */
export function digestWith(algorithm: string): DigestOf {
  return (...parts) => hash(algorithm, Buffer.concat(parts), "buffer");
}

/** The digest of `start` after all rounds. Lets other work run in between: 500,000 rounds take seconds. */
export async function stretch({ digestOf, start, key, salt, rounds }: Stretching): Promise<Buffer> {
  let digest = start;
  for (let round = 0; round < rounds; round++) {
    if (round % roundsPerTurn === 0) await setImmediate();
    const [first, last] = round % 2 === 1 ? [key, digest] : [digest, key];
    digest = digestOf(first, round % 3 === 0 ? empty : salt, round % 7 === 0 ? empty : key, last);
  }
  return digest;
}

/** The bytes again and again, up to the length; no bytes give none. */
export function repeatTo(bytes: Buffer, length: number): Buffer {
  if (length === 0) return empty;
  return Buffer.concat(Array<Buffer>(Math.ceil(length / bytes.length)).fill(bytes)).subarray(0, length);
}

/** For each bit of the length, from the lowest: one thing where it is set, the other where not. */
export function byLengthBits(length: number, set: Buffer, unset: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let rest = length; rest > 0; rest >>= 1) parts.push(rest % 2 === 1 ? set : unset);
  return Buffer.concat(parts);
}

/** The base64 of crypt(3): groups of up to three bytes, named by index, high byte first, written from the low bits up. */
export function cryptBase64(bytes: Uint8Array, groups: readonly (readonly number[])[]): string {
  let text = "";
  for (const group of groups) {
    let bits = group.reduce((value, index) => (value << 8) | (bytes[index] as number), 0);
    for (let digits = group.length + 1; digits > 0; digits--) {
      text += alphabet.charAt(bits & 0x3f);
      bits >>= 6;
    }
  }
  return text;
}
