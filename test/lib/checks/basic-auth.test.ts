import assert from "node:assert/strict";
import type { RequestFacts, Verdict } from "../../../lib/check.ts";
import { type BasicAuthOptions, basicAuth } from "../../../lib/checks/basic-auth.ts";
import { formatBasic } from "../../../lib/http/authorization.ts";
import type { Keyring } from "../../../lib/keyring.ts";
import { clientAddress } from "../../../lib/net/client-address.ts";
import { aKey, aUser, facts } from "../../support/records.ts";

const key = aKey({ scopes: ["read"] });
const alice = aUser("alice", "", { scopes: ["read"] });

/** Knows one user and one key, and remembers who asked. */
function ring(asked: string[] = []): Keyring {
  return {
    isKey: (text) => text.startsWith("gh_"),
    proveToken: (text) => (text === key.text ? { record: key.record } : { reason: "unknown" }),
    provePassword: async (user, password, source) => {
      asked.push(source());
      return user === "alice" && password === "s3cret" ? { record: alice } : { reason: "secret-mismatch", id: "alice" };
    },
  };
}

function check(options: Partial<BasicAuthOptions> = {}) {
  return basicAuth({
    keyring: ring(),
    realm: "api",
    accept: "users-and-keys",
    requirements: { scopes: [] },
    clientAddress: clientAddress({ trusted: undefined, header: "x-forwarded-for" }),
    ...options,
  });
}

async function decide(
  authorization: string | readonly string[],
  options: Partial<BasicAuthOptions> = {},
  more: Partial<RequestFacts> = {},
): Promise<Verdict> {
  return check(options)(facts({ Authorization: authorization }, more));
}

function outcome(verdict: Verdict): string {
  return verdict.accepted ? `accepted ${verdict.principal?.kind}` : `${verdict.status} ${verdict.reason}`;
}

describe("basicAuth", () => {
  it("asks for credentials with a challenge that names realm and charset", async () => {
    const verdict = await check()(facts());
    assert.deepEqual(verdict, {
      accepted: false,
      status: 401,
      reason: "missing-credentials",
      challenges: ['Basic realm="api", charset="UTF-8"'],
      carriers: [],
    });
  });

  it("refuses a realm that is empty or that no header can carry", () => {
    assert.throws(() => check({ realm: "" }), { name: "ConfigError", option: "realm" });
    assert.throws(() => check({ realm: "a\r\nb" }), { name: "ConfigError" });
  });

  it("lets a user in, and says where the credential was", async () => {
    const verdict = await decide(formatBasic("alice", "s3cret"));
    assert.equal(outcome(verdict), "accepted user");
    assert.deepEqual(verdict.carriers, [{ in: "header", name: "authorization" }]);
  });

  it("takes an API key as password whatever the user name, and as user name without password", async () => {
    assert.equal(outcome(await decide(formatBasic("anything", key.text))), "accepted key");
    assert.equal(outcome(await decide(formatBasic(key.text, ""))), "accepted key");
    assert.equal(outcome(await decide(formatBasic(key.text, "x"))), "401 secret-mismatch");
  });

  it("takes only what it is told to take", async () => {
    assert.equal(outcome(await decide(formatBasic("x", key.text), { accept: "users" })), "401 secret-mismatch");
    assert.equal(outcome(await decide(formatBasic("alice", "s3cret"), { accept: "users" })), "accepted user");
    assert.equal(outcome(await decide(formatBasic("alice", "s3cret"), { accept: "keys" })), "401 unknown");
    assert.equal(outcome(await decide(formatBasic("x", key.text), { accept: "keys" })), "accepted key");
  });

  it("refuses what is no Basic credential", async () => {
    assert.equal(outcome(await decide("Bearer abc")), "401 missing-credentials");
    assert.equal(outcome(await decide("Basic !!!")), "401 malformed-credentials");
  });

  it("refuses a repeated header even when both lines are the same", async () => {
    const header = formatBasic("alice", "s3cret");
    assert.equal(outcome(await decide([header, header])), "400 repeated-credentials");
  });

  it("asks the same of everybody whose credential is not accepted", async () => {
    const wrong = await decide(formatBasic("alice", "wrong"));
    const missing = await check()(facts());
    assert.ok(!wrong.accepted && !missing.accepted);
    assert.deepEqual(wrong.challenges, missing.challenges);
    assert.equal(wrong.principalId, "alice");
  });

  it("judges conditions after the credential", async () => {
    const requirements = { scopes: ["write"] };
    const verdict = await decide(formatBasic("alice", "s3cret"), { requirements });
    assert.equal(outcome(verdict), "403 scope-missing");
    assert.ok(!verdict.accepted);
    assert.deepEqual(verdict.challenges, []);
    assert.equal(outcome(await decide(formatBasic("alice", "wrong"), { requirements })), "401 secret-mismatch");
  });

  it("counts an attempt for the caller's address, or for nobody known", async () => {
    const asked: string[] = [];
    const options = { keyring: ring(asked) };
    await decide(formatBasic("alice", "x"), options, { peer: "::ffff:192.0.2.1" });
    await decide(formatBasic("alice", "x"), options, { peer: "nowhere" });
    await decide(formatBasic("alice", "x"), options, { peer: undefined });
    assert.deepEqual(asked, ["192.0.2.1", "unknown", "unknown"]);
  });

  it("tells those who guess how long to wait", async () => {
    const waiting: Keyring = { ...ring(), provePassword: () => ({ reason: "too-many-failures", waitMs: 1200 }) };
    const verdict = await decide(formatBasic("alice", "x"), { keyring: waiting });
    assert.equal(outcome(verdict), "429 too-many-failures");
    assert.ok(!verdict.accepted);
    assert.equal(verdict.retryAfterSeconds, 2);
    assert.deepEqual(verdict.challenges, []);
    const soon: Keyring = { ...ring(), provePassword: () => ({ reason: "too-many-failures", waitMs: 0 }) };
    const nearly = await decide(formatBasic("alice", "x"), { keyring: soon });
    assert.equal(nearly.accepted ? 0 : nearly.retryAfterSeconds, 1);
  });
});
