import { timingSafeEqual } from "node:crypto";

/** Compares two digests in constant time. False for unequal lengths, which are no secret: every digest of a kind is as long. */
export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

/** Holds any digest made here, at three bytes of UTF-8 a character. */
const SCRATCH_BYTES = 256;

/** Used again each time: new buffers cost more than the comparison. */
const left = Buffer.alloc(SCRATCH_BYTES);
const right = Buffer.alloc(SCRATCH_BYTES);

/** Compares two digests in text form, such as `sha256:<base64url>`, in constant time. */
export function equalDigestTexts(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  if (a.length * 3 > SCRATCH_BYTES) return equalDigests(Buffer.from(a), Buffer.from(b));
  left.fill(0, left.write(a));
  right.fill(0, right.write(b));
  return timingSafeEqual(left, right);
}
