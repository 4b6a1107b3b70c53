import assert from "node:assert/strict";
import type { Caller, Principal, Rejected, RequestFacts, Verdict } from "../../../lib/check.ts";
import { permission } from "../../../lib/checks/permission.ts";
import { ConfigError } from "../../../lib/errors.ts";
import type { PermissionRule } from "../../../lib/permission/rule.ts";
import { facts } from "../../support/records.ts";

const anything: PermissionRule = { effect: "allow", methods: [], path: "*", allOf: [], anyOf: [], noneOf: [] };
const key: Principal = {
  kind: "key",
  id: "k1",
  name: "one",
  environment: "production",
  scopes: ["read", "write"],
  keyKind: "server",
};
const user: Principal = { kind: "user", id: "alice", name: "alice", environment: "sandbox", scopes: [] };
const noon = Date.parse("2026-11-22T12:00:00Z");

function decide(
  rules: readonly Partial<PermissionRule>[],
  caller: Caller | undefined = { principal: key },
  request: Partial<RequestFacts> = {},
  now = noon,
): Verdict {
  const check = permission({
    rules: rules.map((rule) => ({ ...anything, ...rule })),
    timeZone: "Europe/Berlin",
    now: () => now,
  });
  const verdict = check(facts({}, request), caller);
  assert.ok(!(verdict instanceof Promise));
  return verdict;
}

function refused(...values: Parameters<typeof decide>): Rejected {
  const verdict = decide(...values);
  assert.ok(!verdict.accepted, "it was accepted");
  return verdict;
}

const reason = (...values: Parameters<typeof decide>) => {
  const verdict = decide(...values);
  return verdict.accepted ? "accepted" : verdict.reason;
};

describe("permission", () => {
  it("lets a proven caller through whom the rule asks nothing of, and proves nothing itself", () => {
    assert.deepEqual(decide([{}]), { accepted: true, carriers: [] });
  });

  it("refuses those whom no check before it let in, with 403 and without a challenge", () => {
    for (const caller of [undefined, {}, { address: "127.0.0.1" }]) {
      const verdict = permission({ rules: [anything], timeZone: "", now: () => noon })(facts(), caller) as Rejected;
      assert.deepEqual([verdict.status, verdict.reason, verdict.challenges], [403, "missing-credentials", []]);
    }
  });

  it("asks for all of some scopes, exactly", () => {
    assert.equal(reason([{ allOf: ["read", "write"] }]), "accepted");
    assert.equal(reason([{ allOf: ["read", "delete"] }]), "scope-missing");
    for (const scope of ["Read", "rea", "read:all", "read*"])
      assert.equal(reason([{ allOf: [scope] }]), "scope-missing", scope);
  });

  it("asks for any of some scopes, and for none of others", () => {
    assert.equal(reason([{ anyOf: ["delete", "write"] }]), "accepted");
    assert.equal(reason([{ anyOf: ["delete", "admin"] }]), "scope-missing");
    assert.equal(reason([{ noneOf: ["suspended"] }]), "accepted");
    assert.equal(reason([{ noneOf: ["suspended", "write"] }]), "scope-refused");
  });

  it("tells its author which rule, which scope and whom", () => {
    const { detail, principalId, challenges } = refused([{ path: "/x" }, { allOf: ["delete"], anyOf: ["a", "b"] }]);
    assert.equal(detail, "rule 2: scope delete and one of a b is missing");
    assert.equal(principalId, "k1");
    assert.deepEqual(challenges, []);
  });

  it("names the scope to those who came with a Bearer token, and only the missing scope is a matter for them", () => {
    const bearer = { principal: key, bearer: { realm: "orders" } };
    assert.deepEqual(refused([{ allOf: ["read", "delete"] }], bearer).challenges, [
      'Bearer realm="orders", error="insufficient_scope", scope="read delete"',
    ]);
    assert.deepEqual(refused([{ allOf: ["read"], anyOf: ["admin", "root"] }], bearer).challenges, [
      'Bearer realm="orders", error="insufficient_scope", scope="read admin"',
    ]);
    assert.deepEqual(refused([{ anyOf: ["admin", "root"] }], bearer).challenges, [
      'Bearer realm="orders", error="insufficient_scope", scope="admin"',
    ]);
    assert.deepEqual(refused([{ noneOf: ["read"] }], bearer).challenges, []);
    assert.deepEqual(refused([{ environment: "sandbox" }], bearer).challenges, []);
  });

  it("asks for an environment and a kind of caller", () => {
    assert.equal(reason([{ environment: "production" }]), "accepted");
    assert.equal(reason([{ environment: "sandbox" }]), "environment-refused");
    for (const caller of ["key", "server"] as const) assert.equal(reason([{ caller }]), "accepted");
    for (const caller of ["user", "client"] as const) assert.equal(reason([{ caller }]), "kind-refused");
    assert.equal(reason([{ caller: "user" }], { principal: user }), "accepted");
    assert.equal(reason([{ caller: "key" }], { principal: user }), "kind-refused");
  });

  it("asks for hours of its zone", () => {
    const hours = { days: [0], from: "13:00", to: "14:00" };
    assert.equal(reason([{ hours }]), "accepted");
    assert.equal(reason([{ hours }], { principal: key }, {}, noon + 3_600_000), "time-refused");
    assert.equal(reason([{ hours: { ...hours, days: [1] } }]), "time-refused");
  });

  it("lets the first rule decide that fits the method and path, and nobody where none fits", () => {
    const rules: readonly Partial<PermissionRule>[] = [
      { methods: ["GET"], path: "/orders/*" },
      { methods: ["POST", "PUT"], path: "/orders", allOf: ["write"] },
      { path: "/orders/*", allOf: ["admin"] },
    ];
    const on = (method: string, target: string) => reason(rules, { principal: key }, { method, target });
    assert.equal(on("GET", "/orders/7?x=1"), "accepted");
    assert.equal(on("HEAD", "/orders/7"), "accepted");
    assert.equal(on("POST", "/orders"), "accepted");
    assert.equal(on("DELETE", "/orders/7"), "scope-missing");
    assert.equal(on("get", "/orders/7"), "scope-missing");
    assert.equal(on("GET", "/other"), "not-permitted");
  });

  it("can deny before it allows", () => {
    const rules: readonly Partial<PermissionRule>[] = [{ effect: "deny", path: "/admin/*" }, {}];
    const on = (target: string) => reason(rules, { principal: key }, { target });
    assert.equal(on("/orders"), "accepted");
    for (const target of ["/admin", "/admin/", "/admin/x", "/%61dmin/x"])
      assert.equal(on(target), "not-permitted", target);
  });

  it("denies a path that could be read in two ways, as soon as a rule names a path", () => {
    const rules: readonly Partial<PermissionRule>[] = [{ effect: "deny", path: "/admin/*" }, {}];
    for (const target of [
      "/ADMIN/x",
      "//admin/x",
      "/x/../admin",
      "/x%2f..%2fadmin",
      "/admin;x/y",
      "/%2561dmin",
      "/adm%69n%00",
      "/%zz",
      "http://a/admin",
      "*",
    ]) {
      const verdict = refused(rules, { principal: key }, { target });
      assert.deepEqual([verdict.status, verdict.reason], [403, "malformed-request"], target);
      assert.equal(reason([{}], { principal: key }, { target }), "accepted");
    }
  });

  it("refuses rules that cannot be, by their number", () => {
    const wrong: readonly Partial<PermissionRule>[] = [
      { methods: ["get"] },
      { methods: [""] },
      { allOf: ["two words"] },
      { anyOf: [""] },
      { noneOf: ['"'] },
      { path: "" },
      { path: "orders" },
      { path: "/a/*/b" },
      { hours: { days: [9], from: "08:00", to: "09:00" } },
      { hours: { days: [], from: "8", to: "09:00" } },
    ];
    for (const rule of wrong) {
      assert.throws(
        () => decide([{}, rule]),
        (error) => error instanceof ConfigError && error.message.startsWith("Rule 2: "),
        JSON.stringify(rule),
      );
    }
    assert.throws(() => decide([]), ConfigError);
    assert.throws(() => decide(Array.from({ length: 201 }, () => ({}))), ConfigError);
    assert.throws(() => permission({ rules: [anything], timeZone: "Nowhere", now: () => noon }), ConfigError);
  });
});
