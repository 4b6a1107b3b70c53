import assert from "node:assert/strict";
import { changedConditions, newConditions, together } from "../../../lib/admin/conditions.ts";
import { object, parse, type Reader } from "../../../lib/admin/reader.ts";

const now = () => Date.UTC(2030, 0, 1);
const created = together(object(newConditions(now)));
const changed = together(object(changedConditions(now)));

const pointers = (reader: Reader<unknown>, body: unknown) => {
  const read = parse(reader, body);
  return read.ok ? [] : read.problems.map(({ pointer }) => pointer);
};
const value = (body: object) => {
  const read = parse(created, body);
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
};

describe("conditions of a new record", () => {
  it("are read as the record holds them", () => {
    const read = value({
      description: "two\nlines",
      environment: "sandbox",
      scopes: ["read", "orders:write"],
      addresses: ["10.0.0.0/8", "2001:db8::1"],
      limit: { requests: 5, windowSeconds: 60 },
      notBefore: "2030-01-01T00:00:00Z",
      expiresAt: "2031-01-01T00:00:00+01:00",
      metadata: { team: "a" },
    });
    assert.deepEqual(read.limit, { requests: 5, windowMs: 60_000 });
    assert.equal(read.notBefore, now());
    assert.equal(read.expiresAt, Date.UTC(2030, 11, 31, 23));
    assert.deepEqual(read.metadata, { team: "a" });
  });

  it("take addresses by either name, but not by both", () => {
    assert.deepEqual(value({ allow: ["10.0.0.1"] }).addresses, ["10.0.0.1"]);
    assert.ok(!("allow" in value({ allow: [] })));
    assert.deepEqual(pointers(created, { allow: ["10.0.0.1"], addresses: ["10.0.0.1"] }), ["/allow"]);
  });

  it("name the member and line at fault", () => {
    const faults: readonly (readonly [object, string])[] = [
      [{ scopes: "read" }, "/scopes"],
      [{ scopes: ["a", "a"] }, "/scopes"],
      [{ scopes: [""] }, "/scopes/0"],
      [{ scopes: ['a"'] }, "/scopes/0"],
      [{ scopes: ["a\\"] }, "/scopes/0"],
      [{ scopes: ["x".repeat(65)] }, "/scopes/0"],
      [{ scopes: Array.from({ length: 51 }, (_, index) => `s${index}`) }, "/scopes"],
      [{ addresses: ["10.0.0.1 "] }, "/addresses/0"],
      [{ addresses: ["10.0.0.1\n10.0.0.2"] }, "/addresses/0"],
      [{ addresses: [""] }, "/addresses/0"],
      [{ addresses: ["1".repeat(201)] }, "/addresses/0"],
      [{ addresses: ["010.0.0.1"] }, "/addresses"],
      [{ addresses: Array.from({ length: 1000 }, () => `10.0.0.1 # ${"x".repeat(40)}`) }, "/addresses"],
      [{ addresses: "10.0.0.1" }, "/addresses"],
      [{ environment: "Production" }, "/environment"],
      [{ limit: { requests: 0, windowSeconds: 1 } }, "/limit/requests"],
      [{ limit: { requests: 1 } }, "/limit/windowSeconds"],
      [{ limit: null }, "/limit"],
      [{ limit: { requests: 1, windowSeconds: 1, burst: 1 } }, "/limit/burst"],
      [{ description: "a\u0000" }, "/description"],
      [{ description: "\u202ea" }, "/description"],
      [{ description: "x".repeat(501) }, "/description"],
      [{ metadata: [] }, "/metadata"],
      [{ metadata: { a: 1 } }, "/metadata/a"],
      [{ metadata: JSON.parse('{"__proto__":"x"}') }, "/metadata/__proto__"],
      [{ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`m${index}`, ""])) }, "/metadata"],
      [{ expiresAt: "2029-12-31T23:59:59Z" }, "/expiresAt"],
      [{ expiresAt: 1 }, "/expiresAt"],
      [{ expiresAt: "2030-02-01T00:00:00Z", notBefore: "2030-02-01T00:00:00Z" }, "/notBefore"],
    ];
    for (const [body, pointer] of faults) assert.deepEqual(pointers(created, body), [pointer], JSON.stringify(body));
    const read = parse(created, { addresses: ["10.0.0.1", "999.1.1.1"] });
    assert.match((!read.ok && read.problems[0]?.detail) || "", /line 2/);
  });

  it("are those of an object", () => {
    assert.deepEqual(pointers(created, []), [""]);
  });
});

describe("changed conditions", () => {
  it("may be null to take one away, and a date of the past to end a record", () => {
    const read = parse(changed, { limit: null, notBefore: null, expiresAt: "2029-12-31T00:00:00Z" });
    assert.ok(read.ok);
    assert.equal(read.value.limit, null);
    assert.equal(read.value.expiresAt, Date.UTC(2029, 11, 31));
    assert.deepEqual(pointers(changed, { scopes: null }), ["/scopes"]);
  });
});
