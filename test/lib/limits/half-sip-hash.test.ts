import assert from "node:assert/strict";
import { halfSipHash } from "../../../lib/limits/half-sip-hash.ts";

const out = new Uint32Array(2);
const hash = halfSipHash(Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]), out);

function hashed(text: string): string {
  hash(text);
  return Buffer.from(out.buffer).toString("hex");
}

describe("halfSipHash", () => {
  it("gives the values of the reference code for texts of whole characters", () => {
    // vectors_hsip64 of github.com/veorq/SipHash for the bytes 00 01 02 …
    assert.equal(hashed(""), "218d1f59b9b83cc8");
    assert.equal(hashed("\u0100"), "064f39ef7c50eb57");
    assert.equal(hashed("\u0100\u0302"), "d5e78a175be52ea1");
  });

  it("depends on every character, on the length and on the key", () => {
    const other = halfSipHash(Uint8Array.from([1, 1, 2, 3, 4, 5, 6, 7]), out);
    const texts = ["address 10.0.0.1", "address 10.0.0.2", "address 10.0.0.1\0", "ddress 10.0.0.1", "\uffff"];
    const hashes = texts.map(hashed);
    assert.equal(new Set(hashes).size, texts.length);
    other(texts[0]!);
    assert.notEqual(Buffer.from(out.buffer).toString("hex"), hashes[0]);
  });
});
