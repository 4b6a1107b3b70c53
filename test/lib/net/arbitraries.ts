import fc from "fast-check";
import type { Ipv6Words } from "../../../lib/net/ipv6-words.ts";

export const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

export const ipv4Text = u32.map((value) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join("."));

/** Words with many equal ones, so that zero runs and neighbours occur. */
const word = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0x1_0000, 0xffff_ffff, 0x2001_0db8), u32);
export const ipv6Words: fc.Arbitrary<Ipv6Words> = fc.tuple(word, word, word, word);

const group = fc.oneof(
  fc.constantFrom("0", "0000", "1", "ffff", "FFFF", "dB8"),
  fc.stringMatching(/^[0-9a-fA-F]{0,5}$/),
);

/** Texts that are almost, and sometimes quite, addresses. */
export const nearlyAddress = fc.oneof(
  ipv4Text,
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4Extended(),
  fc.string({ maxLength: 60 }),
  fc.array(fc.constantFrom("0", "1", "9", "01", "25", "255", "256", ".", ".", "/", " "), { maxLength: 9 }).map(join),
  fc
    .array(fc.oneof(group, fc.constantFrom(":", ":", "::", "1.2.3.4", ".", "%", "%eth0", "g")), { maxLength: 17 })
    .map(join),
  fc
    .tuple(fc.array(group, { maxLength: 9 }), fc.constantFrom(":", "::"), fc.array(group, { maxLength: 9 }))
    .map(([head, middle, tail]) => head.join(":") + middle + tail.join(":")),
  fc.tuple(fc.constantFrom("::ffff:", "::", "0:0:0:0:0:ffff:", "64:ff9b::"), ipv4Text).map(join),
  fc.tuple(fc.ipV6(), fc.constant("%"), fc.string({ maxLength: 5 })).map(join),
);

function join(parts: readonly string[]): string {
  return parts.join("");
}
