import { timingSafeEqual } from "node:crypto";

/** Compares two digests in constant time. False for unequal lengths, which are no secret: every digest of a kind is as long. */
export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

/** Compares two digests in text form, such as `sha256:<base64url>`, in constant time. */
export function equalDigestTexts(a: string, b: string): boolean {
  return equalDigests(Buffer.from(a), Buffer.from(b));
}
