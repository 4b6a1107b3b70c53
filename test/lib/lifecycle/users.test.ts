import assert from "node:assert/strict";
import { ConfigError } from "../../../lib/errors.ts";
import { createUser, setPassword } from "../../../lib/lifecycle/users.ts";
import { hashPassword } from "../../../lib/secrets/password-hash.ts";
import { bcryptHash, context, later, someUser } from "./records.ts";

describe("createUser", () => {
  it("has the normalised name as id and name", () => {
    const user = createUser({ name: "jürgen".normalize("NFD"), scopes: ["a"] }, bcryptHash, context);
    assert.equal(user.id, "jürgen".normalize("NFC"));
    assert.equal(user.name, user.id);
    assert.deepEqual([user.version, user.createdBy, user.scopes], [1, "alice", ["a"]]);
  });

  it("refuses a name that Basic cannot carry", () => {
    for (const name of ["a:b", "", "a\u0000"]) {
      assert.throws(() => createUser({ name }, bcryptHash, context), ConfigError, JSON.stringify(name));
    }
  });

  it("refuses plain text, and a hash that costs too much", () => {
    for (const hash of ["secret", "", bcryptHash.replace("$10$", "$31$"), "$6$rounds=999999999$a$b"]) {
      assert.throws(() => createUser({ name: "a" }, hash, context), ConfigError, hash);
    }
  });
});

describe("setPassword", () => {
  it("replaces the hash, with one version more", async () => {
    const hash = await hashPassword("a new password");
    const user = setPassword(someUser(), hash, later);
    assert.deepEqual([user.passwordHash, user.version, user.updatedBy], [hash, 2, "bob"]);
    assert.throws(() => setPassword(user, "secret", later), ConfigError);
  });
});
