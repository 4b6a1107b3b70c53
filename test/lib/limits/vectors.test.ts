import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { runRateLimit } from "../../vectors/limit-cases.ts";

const { cases } = JSON.parse(readFileSync(new URL("../../vectors/rate-limit.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Parameters<typeof runRateLimit>[0][];
};

describe("published and derived cases of limits", () => {
  for (const one of cases) {
    it(one.id, async function () {
      const outcome = await runRateLimit(one);
      if (typeof outcome === "string" && outcome.startsWith("unsupported: ")) this.skip();
      assert.equal(outcome, true);
    });
  }

  it("are reported when they fail", async () => {
    const input = { op: "config", limits: [{ window: 1, limit: 1 }] };
    assert.match(
      String(await runRateLimit({ id: "x", input, expected: { valid: false } })),
      /expected false, got true/,
    );
    assert.match(String(await runRateLimit({ id: "x", input: { op: "other" }, expected: {} })), /^unsupported: /);
  });
});
