import assert from "node:assert/strict";
import type { Verdict } from "../../../lib/check.ts";
import { type TokenOptions, token } from "../../../lib/checks/token.ts";
import type { TokenCarrier } from "../../../lib/checks/token-carriers.ts";
import type { Keyring } from "../../../lib/keyring.ts";
import { clientAddress } from "../../../lib/net/client-address.ts";
import { aKey, facts } from "../../support/records.ts";

const { record } = aKey({ scopes: ["read"] });
const ring: Keyring = {
  isKey: () => false,
  proveToken: (text) => (text === "abc123" ? { record } : { reason: "unknown" }),
  provePassword: assert.fail,
};
const xAuthToken: TokenCarrier = { in: "header", name: "X-Auth-Token" };
const bearer: TokenCarrier = { in: "header", name: "Authorization", scheme: "Bearer" };
const inQuery: TokenCarrier = { in: "query", name: "token" };
const inCookie: TokenCarrier = { in: "cookie", name: "token" };

function check(carriers: readonly TokenCarrier[], options: Partial<TokenOptions> = {}) {
  return token({
    keyring: ring,
    carriers,
    realm: "api",
    requirements: { scopes: [] },
    clientAddress: clientAddress({ trusted: undefined, header: "x-forwarded-for" }),
    ...options,
  });
}

function outcome(verdict: Verdict): string {
  return verdict.accepted ? "accepted" : `${verdict.status} ${verdict.reason}`;
}

async function decide(
  carriers: readonly TokenCarrier[],
  headers: Parameters<typeof facts>[0],
  target = "/",
): Promise<string> {
  return outcome(await check(carriers)(facts(headers, { target })));
}

describe("token", () => {
  it("takes the token from a header of any name and case", async () => {
    assert.equal(await decide([xAuthToken], { "x-auth-token": "abc123" }), "accepted");
    assert.equal(await decide([xAuthToken], { "X-AUTH-TOKEN": "abc123" }), "accepted");
    assert.equal(await decide([xAuthToken], { "x-api-key": "abc123" }), "401 missing-credentials");
  });

  it("takes it after a scheme of any case, and only that scheme", async () => {
    assert.equal(await decide([bearer], { Authorization: "bEaReR abc123" }), "accepted");
    assert.equal(await decide([bearer], { Authorization: "Token abc123" }), "401 missing-credentials");
    assert.equal(await decide([bearer], { Authorization: "abc123" }), "401 missing-credentials");
    assert.equal(await decide([bearer], { Authorization: "Bearer abc123 x" }), "401 malformed-credentials");
  });

  it("takes several schemes, and a bare token beside them when told so", async () => {
    const both: TokenCarrier[] = [bearer, { in: "header", name: "authorization", scheme: "Token" }];
    assert.equal(await decide(both, { Authorization: "Token abc123" }), "accepted");
    assert.equal(await decide(both, { Authorization: "abc123" }), "401 missing-credentials");
    const bare: TokenCarrier[] = [bearer, { in: "header", name: "authorization" }];
    assert.equal(await decide(bare, { Authorization: "abc123" }), "accepted");
    assert.equal(await decide(bare, { Authorization: "Bearer abc123" }), "accepted");
  });

  it("reads query and cookie only when told so", async () => {
    assert.equal(await decide([xAuthToken], { Cookie: "token=abc123" }, "/?token=abc123"), "401 missing-credentials");
    assert.equal(await decide([inQuery], {}, "/?token=abc123"), "accepted");
    assert.equal(await decide([inCookie], { Cookie: "a=b; token=abc123" }), "accepted");
    assert.equal(await decide([inQuery], {}, "/?Token=abc123"), "401 missing-credentials");
  });

  it("keeps an answer to a token in the query out of shared caches", async () => {
    const verdict = await check([inQuery])(facts({}, { target: "/?token=abc123" }));
    assert.ok(verdict.accepted);
    assert.deepEqual(verdict.headers, { "Cache-Control": "private" });
    const refused = await check([inQuery])(facts({}, { target: "/?token=abc124" }));
    assert.equal(outcome(refused), "401 unknown");
    const header = await check([xAuthToken])(facts({ "x-auth-token": "abc123" }));
    assert.ok(header.accepted && header.headers === undefined);
  });

  it("refuses a token that is carried twice, even the same one", async () => {
    const carriers = [xAuthToken, bearer, inQuery];
    assert.equal(await decide(carriers, { "x-auth-token": ["abc123", "abc123"] }), "400 repeated-credentials");
    assert.equal(
      await decide(carriers, { "x-auth-token": "abc123", Authorization: "Bearer abc123" }),
      "400 repeated-credentials",
    );
    assert.equal(await decide(carriers, {}, "/?token=abc123&token=abc123"), "400 repeated-credentials");
    assert.equal(
      await decide(carriers, { Authorization: ["Bearer abc123", "Basic eA=="] }),
      "400 repeated-credentials",
    );
  });

  it("refuses what cannot be a token", async () => {
    for (const value of ["", "a b", "a\tb", "é", "x".repeat(257)]) {
      assert.equal(await decide([xAuthToken], { "x-auth-token": value }), "401 malformed-credentials");
    }
    assert.equal(await decide([inQuery], {}, "/?token="), "401 malformed-credentials");
  });

  it("asks with RFC 6750's words, and with no error word when nothing was sent", async () => {
    const challenges = async (headers: Parameters<typeof facts>[0], scopes: string[] = []) => {
      const verdict = await check([xAuthToken, bearer], { requirements: { scopes } })(facts(headers));
      return verdict.accepted ? assert.fail() : verdict.challenges;
    };
    assert.deepEqual(await challenges({}), ['Bearer realm="api"']);
    assert.deepEqual(await challenges({ "x-auth-token": "x" }), ['Bearer realm="api", error="invalid_token"']);
    assert.deepEqual(await challenges({ "x-auth-token": "abc123" }, ["write"]), [
      'Bearer realm="api", error="insufficient_scope", scope="write"',
    ]);
  });

  it("has a challenge for other schemes and for bare headers", async () => {
    const challenges = async (carriers: readonly TokenCarrier[], headers = {}) => {
      const verdict = await check(carriers, { requirements: { scopes: ["write"] } })(facts(headers));
      return verdict.accepted ? assert.fail() : verdict.challenges;
    };
    const other: TokenCarrier = { in: "header", name: "authorization", scheme: "token" };
    assert.deepEqual(await challenges([xAuthToken]), ['ApiKey realm="api"']);
    assert.deepEqual(await challenges([other]), ['Token realm="api"']);
    assert.deepEqual(await challenges([other, bearer]), ['Bearer realm="api"', 'Token realm="api"']);
    assert.deepEqual(await challenges([xAuthToken], { "x-auth-token": "abc123" }), []);
  });

  it("asks nobody for a scope that has no name to give", async () => {
    const requirements = { scopes: [], environment: "sandbox" } as const;
    const verdict = await check([bearer], { requirements })(facts({ Authorization: "Bearer abc123" }));
    assert.equal(outcome(verdict), "403 environment-refused");
    assert.ok(!verdict.accepted);
    assert.deepEqual(verdict.challenges, []);
  });

  it("refuses a configuration that cannot work", () => {
    for (const carriers of [
      [],
      [{ in: "header", name: "" }],
      [{ in: "header", name: "x y" }],
      [{ in: "header", name: "authorization", scheme: "Bea rer" }],
    ] as TokenCarrier[][]) {
      assert.throws(() => check(carriers), { name: "ConfigError", option: "carriers" });
    }
  });
});
