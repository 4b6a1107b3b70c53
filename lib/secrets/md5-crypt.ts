import { byLengthBits, cryptBase64, digestWith, repeatTo, stretch } from "./crypt-digest.ts";

const digestOf = digestWith("md5");
const magic = Buffer.from("$apr1$");
const order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]];

/** The digest part of an `$apr1$` hash, as `apr_md5_encode` of the Apache Portable Runtime. */
export async function apr1Digest(password: string, saltText: string): Promise<string> {
  const key = Buffer.from(password);
  const salt = Buffer.from(saltText);
  const inner = repeatTo(digestOf(key, salt, key), key.length);
  const start = digestOf(key, magic, salt, inner, byLengthBits(key.length, Buffer.alloc(1), key.subarray(0, 1)));
  return cryptBase64(await stretch({ digestOf, start, key, salt, rounds: 1000 }), order);
}
