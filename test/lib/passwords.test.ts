import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { failureThrottle } from "../../lib/failure-throttle.ts";
import { passwords } from "../../lib/passwords.ts";
import type { UserRecord } from "../../lib/records.ts";
import { hashQueue } from "../../lib/secrets/hash-queue.ts";
import { hashPassword, verifyPassword } from "../../lib/secrets/password-hash.ts";
import { successCache } from "../../lib/secrets/success-cache.ts";
import type { Store } from "../../lib/store.ts";
import { credentialsStore } from "../../stores/credentials.ts";
import { aUser } from "../support/records.ts";

const now = () => 1_000_000;
const source = () => "192.0.2.1";
const sha = "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=";
const otherSha = `{SHA}${hash("sha1", "open sesame", "base64")}`;
let argon: string;

/** A store whose one user can be changed under the hand of whoever reads it. */
function changing(first: UserRecord | undefined): {
  store: Store;
  set(next: UserRecord | undefined): void;
  puts: UserRecord[];
} {
  let current = first;
  const puts: UserRecord[] = [];
  const store: Store = {
    ...credentialsStore({ keys: [], users: [], now }),
    backend: "embedded",
    get: (_kind, id) => (current?.id === id ? current : undefined) as never,
    put: async (_kind, record) => {
      puts.push(record as UserRecord);
      current = record as UserRecord;
      return true;
    },
  };
  return { store, set: (next) => (current = next), puts };
}

function proving(
  store: Store,
  onFault: (error: unknown) => void = (error) => assert.fail(String(error)),
  queue = hashQueue(),
  time = now,
) {
  return passwords({ store, queue, cache: successCache(), throttle: failureThrottle(), now: time, onFault });
}

describe("passwords", () => {
  before(async () => {
    argon = await hashPassword("open sesame");
  });

  it("proves a user", async () => {
    const record = aUser("Aladdin", argon);
    assert.deepEqual(await proving(changing(record).store).prove("Aladdin", "open sesame", source), { record });
  });

  it("answers a success seen lately at once", async () => {
    const { prove } = proving(changing(aUser("Aladdin", argon)).store);
    assert.ok(prove("Aladdin", "open sesame", source) instanceof Promise);
    await prove("Aladdin", "open sesame", source);
    assert.ok(!(prove("Aladdin", "open sesame", source) instanceof Promise));
    assert.ok(prove("Aladdin", "open sesame!", source) instanceof Promise);
  });

  it("forgets a success when the record changes", async () => {
    const users = changing(aUser("Aladdin", argon));
    const { prove } = proving(users.store);
    await prove("Aladdin", "open sesame", source);
    users.set(aUser("Aladdin", argon, { version: 2, disabled: true }));
    assert.deepEqual(await prove("Aladdin", "open sesame", source), { reason: "disabled", id: "Aladdin" });
    users.set(undefined);
    assert.deepEqual(await prove("Aladdin", "open sesame", source), { reason: "unknown", attempted: "Aladdin" });
  });

  it("refuses a wrong password, an unknown user and one whose hash is of no kind", async () => {
    const { prove } = proving(changing(aUser("Aladdin", argon)).store);
    assert.deepEqual(await prove("Aladdin", "wrong", source), { reason: "secret-mismatch", id: "Aladdin" });
    assert.deepEqual(await prove("Nobody", "open sesame", source), { reason: "unknown", attempted: "Nobody" });
    const odd = proving(changing(aUser("mike", "$unknown$")).store);
    assert.deepEqual(await odd.prove("mike", "$unknown$", source), { reason: "unusable-record", id: "mike" });
  });

  it("does the same work for a name that nobody can have", async () => {
    const { prove } = proving(changing(undefined).store);
    assert.deepEqual(await prove(" ", "x", source), { reason: "unknown", attempted: " " });
    assert.deepEqual(await prove("x", "", source), { reason: "unknown", attempted: "x" });
  });

  it("takes both forms of an accented name and password", async () => {
    const record = aUser("jürgen", await hashPassword("pässwörd"));
    const { prove } = proving(changing(record).store);
    assert.deepEqual(await prove("jürgen".normalize("NFD"), "pässwörd".normalize("NFD"), source), { record });
  });

  it("replaces an imported hash after its first success", async () => {
    const users = changing(aUser("heidi", sha));
    const { prove } = proving(users.store);
    await prove("heidi", "password", source);
    while (users.puts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(users.puts[0]?.passwordHash ?? "", /^\$argon2id\$/);
    assert.equal(users.puts[0]?.version, 2);
    assert.ok((await prove("heidi", "password", source)).record);
  });

  it("leaves an imported hash where nothing can be written", async () => {
    const record = aUser("heidi", sha);
    const store = credentialsStore({ keys: [], users: [record], now });
    const { prove } = proving(store);
    assert.deepEqual(await prove("heidi", "password", source), { record });
  });

  it("lets a user in whose hash could not be replaced, and says so", async () => {
    const users = changing(aUser("heidi", sha));
    const faults: unknown[] = [];
    const store: Store = { ...users.store, put: () => Promise.reject(new Error("disk full")) };
    const { prove } = proving(store, (error) => faults.push(error));
    assert.ok((await prove("heidi", "password", source)).record);
    while (faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it("replaces the hashes of equally named users of two stores at once, each by its own", async () => {
    const queue = hashQueue();
    const stores = [changing(aUser("heidi", sha)), changing(aUser("heidi", otherSha))] as const;
    const provers = stores.map(({ store }) => proving(store, undefined, queue));
    const tried = [provers[0]?.prove("heidi", "password", source), provers[1]?.prove("heidi", "open sesame", source)];
    for (const proof of await Promise.all(tried)) assert.ok(proof?.record);
    while (stores.some(({ puts }) => puts.length === 0)) await new Promise((resolve) => setTimeout(resolve, 5));
    const [first, second] = stores.map(({ puts }) => puts[0]?.passwordHash ?? "");
    assert.deepEqual(await verifyPassword(first ?? "", "password"), { match: true, outdated: false });
    assert.deepEqual(await verifyPassword(second ?? "", "open sesame"), { match: true, outdated: false });
  });

  it("goes by what the record says once the hash is known", async () => {
    const cases: [UserRecord | undefined, object][] = [
      [undefined, { reason: "unknown" }],
      [aUser("Aladdin", "$other$", { version: 2 }), { reason: "secret-mismatch", id: "Aladdin" }],
      [aUser("Aladdin", argon, { version: 2, revokedAt: 1 }), { reason: "revoked", id: "Aladdin" }],
    ];
    for (const [then, expected] of cases) {
      const users = changing(aUser("Aladdin", argon));
      const proof = proving(users.store).prove("Aladdin", "open sesame", source);
      users.set(then);
      assert.deepEqual(await proof, expected);
    }
  });

  it("makes those wait who guess one user from one address, and nobody else", async () => {
    const { prove } = proving(changing(aUser("Aladdin", sha)).store);
    for (let i = 0; i < 10; i++) assert.equal((await prove("Aladdin", `guess ${i}`, source)).reason, "secret-mismatch");
    const beyond = await prove("Aladdin", "password", source);
    assert.equal(beyond.reason, "too-many-failures");
    assert.ok((beyond.waitMs ?? 0) > 0);
    assert.equal((await prove("Nobody", "x", source)).reason, "unknown");
    assert.ok((await prove("Aladdin", "password", () => "192.0.2.2")).record);
  });

  it("makes those wait who guess many users from one address, but not whoever succeeded there lately", async () => {
    const { prove } = proving(changing(aUser("Aladdin", argon)).store);
    await prove("Aladdin", "open sesame", source);
    for (let i = 0; i < 31; i++) await prove(`user ${i}`, "x", source);
    assert.equal((await prove("user 0", "x", source)).reason, "too-many-failures");
    assert.ok((await prove("Aladdin", "open sesame", source)).record);
  });

  it("answers a refusal beyond a limit like one before it", async () => {
    const { prove } = proving(changing(undefined).store);
    const answers = await Promise.all(Array.from({ length: 9 }, (_, i) => prove("x", `${i}`, source)));
    assert.ok(answers.every(({ reason }) => reason === "unknown"));
    const last = await Promise.all([prove("x", "a", source), prove("x", "b", source)]);
    assert.deepEqual(last.map(({ reason }) => reason).sort(), ["too-many-failures", "unknown"]);
  });

  it("compares no more guesses that come at once than one after the other", async () => {
    let time = 1_000_000;
    const { prove } = proving(changing(aUser("heidi", sha)).store, undefined, hashQueue(), () => time);
    for (let i = 0; i < 10; i++) await prove("heidi", `guess ${i}`, source);
    time += 6_000;
    const guesses = ["one", "two", "three", "password"].map((guess) => prove("heidi", guess, source));
    const reasons = (await Promise.all(guesses)).map(({ reason }) => reason);
    assert.deepEqual(reasons, ["secret-mismatch", ...Array(3).fill("too-many-failures")]);
  });

  it("counts one failure for the same guess that comes many times at once", async () => {
    const { prove } = proving(changing(aUser("heidi", sha)).store);
    for (let i = 0; i < 4; i++) {
      const together = Array.from({ length: 20 }, () => prove("heidi", `guess ${i}`, source));
      for (const { reason } of await Promise.all(together)) assert.equal(reason, "secret-mismatch");
    }
  });

  it("forgets the failures of a user who succeeds", async () => {
    const { prove } = proving(changing(aUser("heidi", sha)).store);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 9; i++) assert.equal((await prove("heidi", `guess ${i}`, source)).reason, "secret-mismatch");
      assert.ok((await prove("heidi", "password", source)).record);
    }
  });
});
