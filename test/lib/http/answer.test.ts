import assert from "node:assert/strict";
import type { Reason, Rejected } from "../../../lib/check.ts";
import { answerOf } from "../../../lib/http/answer.ts";
import { problemDocument } from "../../../lib/http/problem.ts";

const rejected = (more: Partial<Rejected>): Rejected => ({
  accepted: false,
  status: 401,
  reason: "unknown",
  challenges: ['Basic realm="api"'],
  carriers: [],
  ...more,
});

describe("problemDocument", () => {
  it("is a problem of RFC 9457 with the phrase of the status", () => {
    const titles = ([400, 401, 403, 429, 503] as const).map((status) => {
      const document = JSON.parse(problemDocument({ status, reason: "fault" }));
      assert.deepEqual(Object.keys(document), ["type", "title", "status", "detail"]);
      assert.equal(document.type, "about:blank");
      assert.equal(document.status, status);
      return document.title;
    });
    assert.deepEqual(titles, ["Bad Request", "Unauthorized", "Forbidden", "Too Many Requests", "Service Unavailable"]);
  });

  it("tells missing credentials from refused ones, and nothing more", () => {
    const reasons: readonly Reason[] = [
      "unknown",
      "secret-mismatch",
      "expired",
      "revoked",
      "disabled",
      "not-yet-valid",
      "unusable-record",
      "malformed-credentials",
    ];
    const documents = new Set(reasons.map((reason) => problemDocument({ status: 401, reason })));
    assert.equal(documents.size, 1);
    assert.notEqual(problemDocument({ status: 401, reason: "missing-credentials" }), [...documents][0]);
    assert.equal(
      problemDocument({ status: 503, reason: "missing-credentials" }),
      problemDocument({ status: 503, reason: "overloaded" }),
    );
  });
});

describe("answerOf", () => {
  it("gives a finished answer with the challenge", () => {
    assert.deepEqual(answerOf(rejected({})), {
      status: 401,
      headers: {
        "WWW-Authenticate": 'Basic realm="api"',
        "Cache-Control": "no-store",
        "Content-Type": "application/problem+json",
      },
      body: problemDocument({ status: 401, reason: "unknown" }),
    });
  });

  it("gives each of several challenges a field", () => {
    const { headers } = answerOf(rejected({ challenges: ["Digest x=y", "Basic x=y"] }));
    assert.deepEqual(headers["WWW-Authenticate"], ["Digest x=y", "Basic x=y"]);
  });

  it("has no challenge where the verdict has none", () => {
    assert.equal("WWW-Authenticate" in answerOf(rejected({ status: 403, challenges: [] })).headers, false);
  });

  it("says when to come back, in whole seconds and at least one", () => {
    const wait = (more: Partial<Rejected>) => answerOf(rejected({ challenges: [], ...more })).headers["Retry-After"];
    assert.equal(wait({ status: 503 }), "5");
    assert.equal(wait({ status: 503, retryAfterSeconds: 30 }), "30");
    assert.equal(wait({ status: 429, retryAfterSeconds: 1.2 }), "2");
    assert.equal(wait({ status: 429, retryAfterSeconds: 0 }), "1");
    assert.equal(wait({ status: 429 }), "5");
    assert.equal(wait({ status: 403, retryAfterSeconds: 9 }), undefined);
  });

  it("is the same, byte for byte, whatever was wrong with the credentials, and repeats no detail", () => {
    const answers = (["unknown", "secret-mismatch", "expired", "revoked", "disabled", "not-yet-valid"] as const).map(
      (reason) =>
        JSON.stringify(
          answerOf(rejected({ reason, detail: `detail of ${reason}`, address: "192.0.2.1", principalId: reason })),
        ),
    );
    assert.equal(new Set(answers).size, 1);
    assert.doesNotMatch(answers[0] as string, /detail of|192\.0\.2\.1|unknown/);
  });
});
