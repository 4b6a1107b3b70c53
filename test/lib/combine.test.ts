import assert from "node:assert/strict";
import type { Rejected } from "../../lib/check.ts";
import { mergeRejections } from "../../lib/combine.ts";

function rejected(status: Rejected["status"], more: Partial<Rejected> = {}): Rejected {
  return { accepted: false, status, reason: "unknown", challenges: [], carriers: [], ...more };
}

describe("mergeRejections", () => {
  it("leaves a single refusal as it is", () => {
    const only = rejected(403);
    assert.equal(mergeRejections([only]), only);
  });

  it("asks for credentials when any check would take some", () => {
    assert.equal(mergeRejections([rejected(403), rejected(401)]).status, 401);
    assert.equal(mergeRejections([rejected(401), rejected(403)]).status, 401);
  });

  it("tells the caller first what helps most", () => {
    assert.equal(mergeRejections([rejected(401), rejected(400)]).status, 400);
    assert.equal(mergeRejections([rejected(400), rejected(429)]).status, 429);
    assert.equal(mergeRejections([rejected(429), rejected(503)]).status, 503);
  });

  it("carries the challenges of all, each once, in order", () => {
    const merged = mergeRejections([
      rejected(401, { challenges: ["Basic realm=a"] }),
      rejected(403),
      rejected(401, { challenges: ["Bearer realm=a", "Basic realm=a"] }),
    ]);
    assert.deepEqual(merged.challenges, ["Basic realm=a", "Bearer realm=a"]);
  });

  it("waits as long as the one that waits longest", () => {
    const merged = mergeRejections([
      rejected(429, { retryAfterSeconds: 7 }),
      rejected(429, { retryAfterSeconds: 9 }),
      rejected(401),
    ]);
    assert.equal(merged.retryAfterSeconds, 9);
  });

  it("names every credential that was sent", () => {
    const merged = mergeRejections([
      rejected(401, { carriers: [{ in: "header", name: "authorization" }] }),
      rejected(401, { carriers: [{ in: "header", name: "x-auth-token" }] }),
    ]);
    assert.deepEqual(
      merged.carriers.map(({ name }) => name),
      ["authorization", "x-auth-token"],
    );
  });
});
