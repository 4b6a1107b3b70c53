import assert from "node:assert/strict";
import { provenVerdict } from "../../../lib/checks/proven.ts";
import type { Judgement } from "../../../lib/conditions.ts";
import { aKey, facts } from "../../support/records.ts";

const challenges = { missing: [], refused: [], scopeMissing: ['Bearer error="insufficient_scope"'] };

function verdict(judgement: Judgement) {
  return provenVerdict({ record: aKey().record }, facts(), { judge: () => judgement, challenges, carriers: [] });
}

describe("provenVerdict", () => {
  it("tells the address that was judged, whichever way the judgement went", () => {
    const refusal = { reason: "address-refused", detail: "not in its list" } as const;
    assert.equal(verdict({ address: "192.0.2.1" }).address, "192.0.2.1");
    assert.equal(verdict({ refusal, address: "192.0.2.1" }).address, "192.0.2.1");
    assert.equal("address" in verdict({}), false);
    assert.equal("address" in verdict({ refusal }), false);
  });

  it("asks for a scope only where one is missing", () => {
    const missing = verdict({ refusal: { reason: "scope-missing", detail: "read", missingScope: "read" } });
    const other = verdict({ refusal: { reason: "environment-refused", detail: "sandbox" } });
    assert.deepEqual(missing.accepted ? [] : missing.challenges, challenges.scopeMissing);
    assert.deepEqual(other.accepted ? ["?"] : other.challenges, []);
  });
});
