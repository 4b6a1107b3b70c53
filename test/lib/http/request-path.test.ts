import assert from "node:assert/strict";
import fc from "fast-check";
import { pathPattern, requestPath } from "../../../lib/http/request-path.ts";

function match(pattern: string, target: string): string {
  const path = requestPath(target);
  return path.doubt ?? pathPattern(pattern)!(path.segments);
}

describe("requestPath", () => {
  it("decodes segments, drops the query, and takes a slash at the end for nothing", () => {
    assert.deepEqual(requestPath("/a%20b/%C3%A9/?x=/../y"), { segments: ["a b", "é"] });
    assert.deepEqual(requestPath("/"), { segments: [] });
    assert.deepEqual(requestPath("/100%25"), { segments: ["100%"] });
  });

  const doubtful: readonly (readonly [string, string])[] = [
    ["target", "http://api.example/admin"],
    ["target", "*"],
    ["target", ""],
    ["encoding", "/%"],
    ["encoding", "/%zz"],
    ["encoding", "/%c0%af"],
    ["encoding", "/%ff"],
    ["empty-segment", "//admin"],
    ["empty-segment", "/admin//x"],
    ["empty-segment", "/admin//"],
    ["dot-segment", "/a/../admin"],
    ["dot-segment", "/a/%2e%2E/admin"],
    ["dot-segment", "/./admin"],
    ["separator", "/a/..;/admin"],
    ["separator", "/admin;x=1"],
    ["separator", "/a%2Fb"],
    ["separator", "/a%5cb"],
    ["separator", "/a\\b"],
    ["separator", "/a%00"],
    ["separator", "/a%0d%0a"],
    ["separator", "/a%3Fb"],
    ["separator", "/a#b"],
    ["separator", "/a%252e"],
  ];
  for (const [doubt, target] of doubtful) {
    it(`doubts ${JSON.stringify(target)}: ${doubt}`, () => {
      assert.deepEqual(requestPath(target), { doubt });
    });
  }

  it("never throws, and what it does not doubt has no segment that another reader would split", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."/.%2efEF5c;?#\\aA%") }), (text) => {
        const { segments = [] } = requestPath(`/${text}`) as { segments?: readonly string[] };
        for (const segment of segments) assert.doesNotMatch(segment, /^\.{1,2}$|^$|[/\\;?#]|%2f|%5c|%2e/i);
      }),
    );
  });
});

describe("pathPattern", () => {
  it("takes segments as they are, names for any one, and a star for all below", () => {
    assert.equal(match("/orders", "/orders"), "yes");
    assert.equal(match("/orders", "/orders/"), "yes");
    assert.equal(match("/orders/", "/orders?x=1"), "yes");
    assert.equal(match("/orders", "/orders/7"), "no");
    assert.equal(match("/orders/:id", "/orders/7"), "yes");
    assert.equal(match("/orders/:id", "/orders"), "no");
    assert.equal(match("/orders/:id", "/orders/7/lines"), "no");
    assert.equal(match("/admin/*", "/admin/x/y"), "yes");
    assert.equal(match("/admin/*", "/admin"), "yes");
    assert.equal(match("/admin/*", "/administrator"), "no");
    assert.equal(match("/*", "/"), "yes");
    assert.equal(match("/", "/"), "yes");
    assert.equal(match("/", "/x"), "no");
  });

  it("finds what is written in escapes", () => {
    assert.equal(match("/admin/*", "/%61dmin/x"), "yes");
    assert.equal(match("/café", "/caf%C3%A9"), "yes");
  });

  it("says when only upper and lower case or a form of Unicode differ", () => {
    assert.equal(match("/admin/*", "/ADMIN/x"), "nearly");
    assert.equal(match("/admin/:id/edit", "/admin/7/Edit"), "nearly");
    assert.equal(match("/café", "/cafe%CC%81"), "nearly");
    assert.equal(match("/admin", "/%EF%BC%A1dmin"), "nearly");
    assert.equal(match("/admin/:id/edit", "/ADMIN/7/show"), "no");
  });

  it("refuses what is no pattern", () => {
    const wrong = [
      "",
      "orders",
      "//",
      "/a//b",
      "/a/*/b",
      "/a*",
      "/:",
      "/../a",
      "/a/.",
      "/a?b",
      "/a%2Fb",
      `/${"a".repeat(1000)}`,
    ];
    for (const text of wrong) assert.equal(pathPattern(text), undefined, text);
  });
});
