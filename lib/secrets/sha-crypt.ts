import { byLengthBits, cryptBase64, digestWith, repeatTo, stretch } from "./crypt-digest.ts";

const variants = {
  "sha256-crypt": { digestOf: digestWith("sha256"), order: [...turningGroups(10, 2), [31, 30]] },
  "sha512-crypt": { digestOf: digestWith("sha512"), order: [...turningGroups(21, 1), [63]] },
} as const;

export interface ShaCryptSettings {
  readonly kind: keyof typeof variants;
  readonly salt: string;
  readonly rounds: number;
}

/**
 * The digest part of a `$5$` or `$6$` hash: U. Drepper, "Unix crypt using SHA-256 and SHA-512", whose steps and
 * letters these are. (The `unixcrypt` package, 3.0.4, is wrong for passwords of exactly one or more whole digests.)
 */
export async function shaCryptDigest(password: string, settings: ShaCryptSettings): Promise<string> {
  const { digestOf, order } = variants[settings.kind];
  const key = Buffer.from(password);
  const salt = Buffer.from(settings.salt);
  // Steps 1 to 12.
  const b = digestOf(key, salt, key);
  const a = digestOf(key, salt, repeatTo(b, key.length), byLengthBits(key.length, b, key));
  // Steps 13 to 20.
  const p = repeatTo(digestOf(repeatTo(key, key.length ** 2)), key.length);
  const s = repeatTo(digestOf(repeatTo(salt, salt.length * (16 + (a[0] as number)))), salt.length);
  // Steps 21 and 22.
  const c = await stretch({ digestOf, start: a, key: p, salt: s, rounds: settings.rounds });
  return cryptBase64(c, order);
}

/** One byte of each third of the digest, the thirds changing places from group to group. */
function turningGroups(third: number, turn: number): number[][] {
  return Array.from({ length: third }, (_, index) =>
    [0, 1, 2].map((place) => ((place + index * turn) % 3) * third + index),
  );
}
