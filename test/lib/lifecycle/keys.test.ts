import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { ConfigError } from "../../../lib/errors.ts";
import { createKey, endOverlap, importToken, rotateKey, tokenWarning } from "../../../lib/lifecycle/keys.ts";
import { digestApiKey, parseApiKey } from "../../../lib/secrets/api-key.ts";
import { digestImportedToken } from "../../../lib/secrets/imported-token.ts";
import { context, later, masterKey, someKey } from "./records.ts";

describe("createKey", () => {
  it("gives a record with the digest, and the secret apart", () => {
    const { record, secret } = createKey({ name: "a", environment: "sandbox", kind: "client" }, "acme", context);
    assert.deepEqual(parseApiKey(secret, "acme"), { id: record.id, environment: "sandbox" });
    assert.deepEqual(record.secrets, [
      { digest: digestApiKey(secret), lastFour: secret.slice(-4), createdAt: context.now },
    ]);
    assert.ok(!JSON.stringify(record).includes(secret.slice(-49, -6)));
    assert.equal(record.kind, "client");
  });

  it("starts enabled, for production, from anywhere, without scopes, at version 1", () => {
    const { id, secrets, ...record } = someKey();
    assert.equal(id.length, 12);
    assert.equal(secrets.length, 1);
    assert.deepEqual(record, {
      name: "a key",
      description: "",
      kind: "server",
      environment: "production",
      scopes: [],
      addresses: [],
      disabled: false,
      createdAt: context.now,
      createdBy: "alice",
      updatedAt: context.now,
      updatedBy: "alice",
      metadata: {},
      version: 1,
    });
  });

  it("takes conditions, and leaves out what is undefined", () => {
    const limit = { requests: 5, windowMs: 1000 };
    const { record } = createKey(
      { name: "a", limit, expiresAt: 5, notBefore: undefined, scopes: ["x"] },
      "gh",
      context,
    );
    assert.deepEqual(record.limit, limit);
    assert.equal(record.expiresAt, 5);
    assert.ok(!("notBefore" in record));
    assert.deepEqual(record.scopes, ["x"]);
  });

  it("takes its randomness from the context", () => {
    const fixed = { ...context, randomBytes: (size: number) => Buffer.alloc(size, 1) };
    assert.equal(createKey({ name: "a" }, "gh", fixed).secret, createKey({ name: "a" }, "gh", fixed).secret);
  });

  it("refuses a prefix that keys cannot bear", () => {
    assert.throws(() => createKey({ name: "a" }, "A-B", context), ConfigError);
  });
});

describe("importToken", () => {
  it("keeps a digest under the master key, and warns of a short token", () => {
    const { record, warning } = importToken("abc123", { name: "old" }, masterKey, context);
    assert.deepEqual(record.secrets, [
      { digest: digestImportedToken("abc123", masterKey), lastFour: "", createdAt: context.now },
    ]);
    assert.match(record.id, /^[0-9A-Za-z]{12}$/);
    assert.equal(record.kind, "server");
    assert.match(warning ?? "", /short/);
  });

  it("warns of few different characters, and not of a strong token", () => {
    assert.match(tokenWarning("ab".repeat(20)) ?? "", /few different characters/);
    const strong = importToken(randomBytes(32).toString("hex"), { name: "x", kind: "client" }, masterKey, context);
    assert.ok(!("warning" in strong));
    assert.equal(strong.record.kind, "client");
  });

  it("refuses without a master key, and a text that is no token", () => {
    const options = (run: () => unknown) => {
      let option = "";
      assert.throws(run, (error: ConfigError) => {
        option = error.option;
        return true;
      });
      return option;
    };
    assert.equal(
      options(() => importToken("abc123", { name: "x" }, undefined, context)),
      "masterKey",
    );
    assert.equal(
      options(() => importToken("a b", { name: "x" }, masterKey, context)),
      "token",
    );
  });
});

describe("rotateKey", () => {
  it("puts a new secret first and lets the old one end with the overlap; id and history stay", () => {
    const before = { ...someKey(), lastUsedAt: 77 };
    const { record, secret } = rotateKey(before, { overlapMs: 1000, prefix: "gh" }, later);
    assert.equal(parseApiKey(secret, "gh")?.id, before.id);
    assert.equal(record.secrets[0]?.digest, digestApiKey(secret));
    assert.deepEqual(record.secrets[1], { ...before.secrets[0], expiresAt: later.now + 1000 });
    assert.deepEqual([record.version, record.updatedBy, record.createdBy, record.lastUsedAt], [2, "bob", "alice", 77]);
  });

  it("keeps two secrets at most, and none but the new without an overlap", () => {
    const once = rotateKey(someKey(), { overlapMs: 1000, prefix: "gh" }, later).record;
    const twice = rotateKey(once, { overlapMs: 1000, prefix: "gh" }, later).record;
    assert.deepEqual(
      twice.secrets.slice(1).map(({ digest }) => digest),
      [once.secrets[0]?.digest],
    );
    assert.equal(rotateKey(twice, { overlapMs: 0, prefix: "gh" }, later).record.secrets.length, 1);
  });

  it("does not lengthen the life of a secret that ends sooner", () => {
    const key = someKey();
    const ending = { ...key, secrets: key.secrets.map((secret) => ({ ...secret, expiresAt: later.now + 5 })) };
    const { record } = rotateKey(ending, { overlapMs: 1000, prefix: "gh" }, later);
    assert.equal(record.secrets[1]?.expiresAt, later.now + 5);
  });

  it("gives a key without a secret one", () => {
    const { record } = rotateKey({ ...someKey(), secrets: [] }, { overlapMs: 1000, prefix: "gh" }, later);
    assert.equal(record.secrets.length, 1);
  });
});

describe("endOverlap", () => {
  it("leaves the current secret only, and a key without overlap as it is", () => {
    const { record } = rotateKey(someKey(), { overlapMs: 1000, prefix: "gh" }, context);
    const ended = endOverlap(record, later);
    assert.deepEqual(ended.secrets, record.secrets.slice(0, 1));
    assert.equal(ended.version, 3);
    assert.equal(endOverlap(ended, later), ended);
  });
});
