/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein: SipHash, and its reference code) over a text as
 * UTF-16LE. Who does not know the key can neither aim at a slot of a table nor find two texts of one hash. The two words
 * are left in `out`, because an object for each request would cost more than the hash.
 * @param key 8 bytes.
 */
export function halfSipHash(key: Uint8Array, out: Uint32Array): (text: string) => void {
  const view = new DataView(key.buffer, key.byteOffset, 8);
  const k0 = view.getInt32(0, true);
  const k1 = view.getInt32(4, true);
  return (text) => {
    let v0 = k0;
    let v1 = k1 ^ 0xee;
    let v2 = k0 ^ 0x6c796765;
    let v3 = k1 ^ 0x74656462;
    const words = (text.length >> 1) + 1;
    // One loop for all words and for the two steps at the end: the state stays in registers.
    for (let i = 0; i <= words + 1; i++) {
      const word = wordOf(text, i, words);
      const rounds = roundsOf(i, words);
      v2 ^= onlyAt(words, i, 0xee);
      v1 ^= onlyAt(words + 1, i, 0xdd);
      v3 ^= word;
      for (let round = 0; round < rounds; round++) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= word;
      out[onlyAt(words, i, 1) ^ 1] = v1 ^ v3;
    }
  };
}

/** Two characters; in the last word what is left of them, with the number of bytes on top; 0 beyond. */
function wordOf(text: string, i: number, words: number): number {
  if (i >= words) return 0;
  if (i < words - 1) return text.charCodeAt(2 * i) | (text.charCodeAt(2 * i + 1) << 16);
  return ((text.length * 2) << 24) | (text.length & 1 ? text.charCodeAt(2 * i) : 0);
}

function roundsOf(i: number, words: number): number {
  return i < words ? 2 : 4;
}

function onlyAt(step: number, i: number, value: number): number {
  return i === step ? value : 0;
}
