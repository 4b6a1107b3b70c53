import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { apr1Digest } from "../../../lib/secrets/md5-crypt.ts";
import { shaCryptDigest } from "../../../lib/secrets/sha-crypt.ts";

const x = (count: number) => "x".repeat(count);

// Written by `openssl passwd`; the lengths lie round the digest sizes, where implementations differ.
const apr1: readonly (readonly [salt: string, password: string, digest: string])[] = [
  ["8sFt66rZ", "a", "ZQyG/P2SewAXpDgC1ke9d0"],
  ["8sFt66rZ", "grace-password", "PNrO5B.Mamp3M83vsiK8k/"],
  ["8sFt66rZ", "pässwörd€", "NbESx7x3bpSVpQAYND72S."],
  ["8sFt66rZ", x(15), "kvERemcLUIV9jTOTRCb3R0"],
  ["8sFt66rZ", x(16), "yDADF/DtH8Hbtqg8SwXCi1"],
  ["8sFt66rZ", x(17), "rg1ePmm9RWeTNEglh0P8m0"],
  ["8sFt66rZ", x(128), "egGbY.f1dyFPYP3FY50RX0"],
  ["a", x(32), "nNm8y6oYi6lDCBTRSLSWA1"],
];
const sha256: typeof apr1 = [
  ["saltsalt", "a", "Mtm6KOxb.PwaKES1sp80SDYOu1T0RdwsBVakhLiqA64"],
  ["saltsalt", "pässwörd€", "ESkwwIbIn0y3cE11ao4yBuo303BnsglCmjzU6Th.z51"],
  ["saltsalt", x(17), "PKgVVlmtlKEcSzKU4dgeJpjiBYTAN9o30Ekb3yrYOe/"],
  ["saltsalt", x(32), "nVO9zoM.Bfq522j476PYcqDc2vxmMSeMl7RsOoxrn37"],
  ["saltsalt", x(64), "m/PwYwSKhXHnnF5ieqKGuRN3frnWUjLC/lbcEqQxvB0"],
  ["saltsalt", x(65), "YozIgwSVowIpd9sIzdd.BcK6cjS1MU.GdG8iD8U6oY7"],
];
const sha512: typeof apr1 = [
  ["0123456789abcdef", "a", "qn2kMgR/Cs9pZI2hZfok3cbi0oHyRjH7NUyfGhPKp6EBvlZWbL3JMmASYlyEBxhP4jB3zti0119AKDkHdAVHI0"],
  ["0123456789abcdef", x(64), "hmNE.PPROh2fRZoO4CdTMCwfayyElBe82a7IIN6INBHhK9cgTY7v75RHFxN7bRngOafwACIdMX/ZEBUOEQHVa1"],
  ["0123456789abcdef", x(65), "ci5XGCFOSR0YoEaPZSAeXyqNZuZ8zdpnCX2qZi6cRWnl1PRJzRUItBAtQ06b.K9x3maCUeeLqLvbWsGwZULH61"],
  [
    "0123456789abcdef",
    x(128),
    "OEsp/Kr/Ju4PLDLM8XTsp7.yO8nsdviKmYNsvEMJ0594ZsrC4sv4v.lS3aHFHVIo97m1rtsDqeC4/pQkF9zqI1",
  ],
];

describe("apr1Digest", () => {
  it("agrees with openssl, whatever the length", async () => {
    for (const [salt, password, digest] of apr1) assert.equal(await apr1Digest(password, salt), digest, password);
  });

  it("takes the empty password", async () => {
    assert.equal(await apr1Digest("", "8sFt66rZ"), "QkOfebwJVEOpEluExHsip.");
  });
});

describe("shaCryptDigest", () => {
  const settings = { rounds: 5000 };

  it("agrees with openssl, whatever the length", async () => {
    for (const [salt, password, digest] of sha256) {
      assert.equal(await shaCryptDigest(password, { ...settings, kind: "sha256-crypt", salt }), digest, password);
    }
    for (const [salt, password, digest] of sha512) {
      assert.equal(await shaCryptDigest(password, { ...settings, kind: "sha512-crypt", salt }), digest, password);
    }
  });

  it("agrees with glibc for other numbers of rounds", async () => {
    assert.equal(
      await shaCryptDigest("we have a short salt string but not a short password", {
        kind: "sha512-crypt",
        salt: "short",
        rounds: 77_777,
      }),
      "WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0",
    );
    assert.equal(
      await shaCryptDigest("the minimum number is still observed", {
        kind: "sha256-crypt",
        salt: "roundstoolow",
        rounds: 1000,
      }),
      "yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC",
    );
  });

  it("takes the empty password", async () => {
    assert.equal(
      await shaCryptDigest("", { ...settings, kind: "sha256-crypt", salt: "saltsalt" }),
      "09agN5RZ2meWdEdnEusqsq5G7RwwghB8jCKoWWADxW/",
    );
  });

  it("leaves the event loop free, for the longest password too", async function () {
    // Other work on the machine can hold up the loop as well; what holds it up each time is this.
    this.retries(4);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const started = performance.now();
    await shaCryptDigest("x".repeat(1024), { kind: "sha512-crypt", salt: "saltsalt", rounds: 100_000 });
    const took = performance.now() - started;
    delay.disable();
    assert.ok(took > 100, `the work took ${took} ms`);
    assert.ok(delay.percentile(90) < 15e6, `the loop stood still for ${delay.percentile(90) / 1e6} ms`);
  });
});
