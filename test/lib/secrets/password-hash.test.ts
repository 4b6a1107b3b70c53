import assert from "node:assert/strict";
import fc from "fast-check";
import {
  dummyPasswordHash,
  hashKind,
  hashPassword,
  hashPasswordSync,
  isUsableHash,
  verifyPassword,
} from "../../../lib/secrets/password-hash.ts";

const matched = { match: true, outdated: true };
const refused = { match: false, outdated: false };

/** Imported forms with their passwords, as their own tools write them. */
const imported = new Map([
  ["$2b$08$OaZ54/BrZBzJ12UsBfd.3OC6rusZEPzcKnqxueUByc7pcSfTi82oy", "node-red-password"],
  ["$2y$10$xz3h6IRW5LCw3AJRb8Mo8uRV6aHYXG/Wi/n2CebbwB5sHtTARzCAW", "a".repeat(72)],
  ["$apr1$8sFt66rZ$PNrO5B.Mamp3M83vsiK8k/", "grace-password"],
  ["{SHA}p283yAcHk0PZOcRZyaroklrKn4c=", "heidi-password"],
  ["{SSHA}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0", "password"],
  ["$5$saltsalt$6huo8b.oDC6l3nW6clCuNzxVhSo7ItByH/xFOysAl34", "grace-password"],
  [
    "$6$saltsaltsalt$WvE681DR0ig3P2pTsxBO1iKqBwH/YYOc6ZaZtRPpOJ2cJTuutrtWoy9ndT1Ob0oXTVDoBuMC5cqoE/.DWEQ0W1",
    "ivan-password",
  ],
  [
    "$5$rounds=1400$anotherlongsalts$njY8e8Oazdt6LVB1IFQuzVqvw.kEeITfw0rzKvFXP9/",
    "we have a short salt string but not a short password",
  ],
]);

describe("hashPassword", () => {
  it("gives argon2id in PHC form with the parameters of OWASP and a new salt each time", async () => {
    const [one, other] = [await hashPassword("secret"), await hashPassword("secret")];
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.notEqual(one, other);
    assert.deepEqual(await verifyPassword(one, "secret"), { match: true, outdated: false });
    assert.deepEqual(await verifyPassword(one, "Secret"), { match: false, outdated: false });
  });

  it("gives the same kind of hash at once where nothing can wait", async () => {
    assert.deepEqual(await verifyPassword(hashPasswordSync("secret"), "secret"), { match: true, outdated: false });
  });

  it("takes every byte of a long password", async () => {
    const long = "x".repeat(1024);
    const hash = await hashPassword(long);
    assert.equal((await verifyPassword(hash, long)).match, true);
    assert.equal((await verifyPassword(hash, `${long.slice(1)}y`)).match, false);
  });
});

describe("verifyPassword", () => {
  it("matches every imported form, asks for a new hash, and refuses every other password", async () => {
    for (const [hash, password] of imported) {
      assert.deepEqual(await verifyPassword(hash, password), matched, hash);
      assert.equal((await verifyPassword(hash, `${password}!`)).match, false, hash);
      assert.equal((await verifyPassword(hash, "")).match, false, hash);
      assert.equal((await verifyPassword(hash, hash)).match, false, hash);
    }
  });

  it("refuses for bcrypt a password longer than 72 bytes, though its beginning would match", async () => {
    const hash = "$2y$10$xz3h6IRW5LCw3AJRb8Mo8uRV6aHYXG/Wi/n2CebbwB5sHtTARzCAW";
    assert.equal((await verifyPassword(hash, "a".repeat(73))).match, false);
  });

  it("matches weaker argon2id and asks for a new hash", async () => {
    const { hash } = await import("@node-rs/argon2");
    for (const parameters of [{ memoryCost: 4096 }, { timeCost: 1 }, { outputLen: 16 }, { salt: Buffer.alloc(8, 1) }]) {
      assert.deepEqual(await verifyPassword(await hash("secret", parameters), "secret"), matched);
    }
  });

  it("matches stronger argon2id and leaves it", async () => {
    const { hash } = await import("@node-rs/argon2");
    const strong = await hash("secret", { memoryCost: 32_768, timeCost: 3, parallelism: 2 });
    assert.deepEqual(await verifyPassword(strong, "secret"), { match: true, outdated: false });
  });

  it("matches nothing with the dummy, at the cost of a real hash", async () => {
    assert.equal(hashKind(dummyPasswordHash), "argon2id");
    assert.deepEqual(await verifyPassword(dummyPasswordHash, ""), refused);
    assert.deepEqual(await verifyPassword(dummyPasswordHash, "secret"), refused);
  });

  it("never throws, whatever is stored", async () => {
    const stems = [...imported.keys(), dummyPasswordHash].filter((hash) => !hash.startsWith("$2"));
    const mutated = fc
      .tuple(fc.constantFrom(...stems), fc.nat(110), fc.string({ unit: "binary", maxLength: 3 }))
      .map(([stem, index, text]) => stem.slice(0, index) + text + stem.slice(index + 1));
    const stored = fc.oneof(fc.string({ unit: "binary" }), mutated);
    await fc.assert(
      fc.asyncProperty(stored, fc.string({ unit: "binary" }), async (hash, password) => {
        assert.equal((await verifyPassword(hash, password)).match, false);
      }),
      { numRuns: 150 },
    );
  });
});

describe("hashKind", () => {
  it("names every form that can be verified", () => {
    assert.deepEqual([...imported.keys()].map(hashKind), [
      "bcrypt",
      "bcrypt",
      "apr1",
      "sha1",
      "ssha",
      "sha256-crypt",
      "sha512-crypt",
      "sha256-crypt",
    ]);
    assert.equal(isUsableHash(dummyPasswordHash), true);
  });

  const unusable: Record<string, readonly string[]> = {
    "an empty or unknown text": [
      "",
      "x",
      "$unknown$",
      "{MD5}abcd",
      "{",
      "$",
      "*",
      "!",
      "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
    ],
    "plain text and DES": ["password", "{PLAIN}password", "UdMhBHagv7sUU"],
    "a damaged one": [
      "$apr1$",
      "$apr1$$PNrO5B.Mamp3M83vsiK8k/",
      "$apr1$123456789$PNrO5B.Mamp3M83vsiK8k/",
      "{SHA}_____Mm5Pz8GgiULbPgzG37mj9g=",
      "{SHA}Zm9vCg==",
      "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g",
      "{SHA}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0",
      "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
      "{SSHA}_____wQadOA1e+/f+T+H3eCQQhRzYWx0",
      "{SSHA}Zm9vCg==",
      "{ssha}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0",
      "$2b$08$OaZ54/BrZBzJ12UsBfd.3OC6rusZEPzcKnqxueUByc7pcSfTi82o",
      "$2x$08$OaZ54/BrZBzJ12UsBfd.3OC6rusZEPzcKnqxueUByc7pcSfTi82oy",
      `$5$saltsalt$${"a".repeat(86)}`,
      `$6$saltsalt$${"a".repeat(43)}`,
      `$6$rounds=01000$saltsalt$${"a".repeat(86)}`,
      `$6$${"s".repeat(17)}$${"a".repeat(86)}`,
      dummyPasswordHash.slice(0, -2),
      dummyPasswordHash.replace("$AAAA", "$AAAA="),
      dummyPasswordHash.replace("A$A", "B$A"),
      dummyPasswordHash.replace("argon2id", "argon2d"),
      dummyPasswordHash.replace("v=19", "v=16"),
      `${dummyPasswordHash}\n`,
      "$6$".padEnd(513, "x"),
    ],
    "one that would take too long": [
      "$2b$15$OaZ54/BrZBzJ12UsBfd.3OC6rusZEPzcKnqxueUByc7pcSfTi82oy",
      "$2b$31$OaZ54/BrZBzJ12UsBfd.3OC6rusZEPzcKnqxueUByc7pcSfTi82oy",
      `$6$rounds=500001$saltsalt$${"a".repeat(86)}`,
      dummyPasswordHash.replace("m=19456", "m=262145"),
      dummyPasswordHash.replace("m=19456,t=2", "m=262144,t=5"),
    ],
    "one that argon2 or bcrypt do not allow": [
      "$2b$03$OaZ54/BrZBzJ12UsBfd.3OC6rusZEPzcKnqxueUByc7pcSfTi82oy",
      dummyPasswordHash.replace("m=19456,t=2,p=1", "m=15,t=2,p=2"),
    ],
  };

  for (const [what, hashes] of Object.entries(unusable)) {
    it(`knows no kind for ${what}, and nothing matches it`, async () => {
      for (const hash of hashes) {
        assert.equal(hashKind(hash), undefined, hash);
        assert.equal(isUsableHash(hash), false, hash);
        assert.deepEqual(await verifyPassword(hash, "password"), refused, hash);
      }
    });
  }
});
