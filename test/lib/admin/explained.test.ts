import assert from "node:assert/strict";
import { explainedRequest } from "../../../lib/admin/explained.ts";
import { parse } from "../../../lib/admin/reader.ts";

describe("a request that is thought up", () => {
  it("is a node, and what of a request matters", () => {
    const body = {
      node: "n1",
      method: "POST",
      path: "/a?b=c",
      headers: [["x-auth-token", "abc"]],
      address: "::1",
      key: "k",
      user: "u",
      password: "p",
    };
    assert.deepEqual(parse(explainedRequest, body), { ok: true, value: body });
    assert.equal(parse(explainedRequest, { node: "n1" }).ok, true);
  });

  for (const [pointer, member] of [
    ["/node", { node: 1 }],
    ["/method", { method: "GET /" }],
    ["/path", { path: "a" }],
    ["/path", { path: "/a b" }],
    ["/headers/0", { headers: ["x-auth-token: abc"] }],
    ["/headers/0", { headers: [["a"]] }],
    ["/headers/0", { headers: [["a", "b", "c"]] }],
    ["/headers/0", { headers: [["a b", "c"]] }],
    ["/headers/0", { headers: [["a", "b\r\nc: d"]] }],
    ["/address", { address: "localhost" }],
    ["/more", { more: 1 }],
  ] as const) {
    it(`is not ${JSON.stringify(member)}`, () => {
      const read = parse(explainedRequest, { node: "n1", ...member });
      assert.equal(read.ok ? undefined : read.problems[0]?.pointer, pointer);
    });
  }
});
