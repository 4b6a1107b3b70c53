import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Outcome, runBasicAuth, runBearer, runHtpasswd, type SecretsCase } from "../../vectors/secrets-cases.ts";

function casesOf(file: string): readonly (SecretsCase & { readonly description: string })[] {
  return JSON.parse(readFileSync(new URL(`../../vectors/${file}`, import.meta.url), "utf8")).cases;
}

function suite(
  file: string,
  run: (one: SecretsCase) => Outcome | Promise<Outcome>,
  unsupported: readonly string[],
): void {
  describe(file, () => {
    for (const one of casesOf(file)) {
      it(`${one.id}: ${one.description}`, async () => {
        const outcome = await run(one);
        if (unsupported.includes(one.id)) assert.match(String(outcome), /^unsupported: needs/);
        else assert.equal(outcome, true);
      });
    }
  });
}

suite("basic-auth.json", runBasicAuth, []);
suite("htpasswd.json", runHtpasswd, []);
// What the token endpoint answers.
const elsewhere = ["035", "036", "038", "039", "042", "045", "047", "049"];
suite(
  "bearer-and-challenge.json",
  runBearer,
  elsewhere.map((number) => `bearer-and-challenge-${number}`),
);

describe("the adapters", () => {
  it("report a wrong expectation", async () => {
    const basic = casesOf("basic-auth.json").find(({ expected }) => expected.ok === true) as SecretsCase;
    assert.match(String(runBasicAuth({ ...basic, expected: { ok: false } })), /^ok: expected false/);
    const bearer = casesOf("bearer-and-challenge.json").filter(({ input }) => input.op !== "answer");
    for (const one of bearer)
      assert.notEqual(runBearer({ ...one, expected: { ok: "?", challenges: "?" } }), true, one.id);
    const hash = casesOf("htpasswd.json").find(({ expected }) => expected.match === false) as SecretsCase;
    assert.match(String(await runHtpasswd({ ...hash, expected: { match: true } })), /^match: expected true/);
  });
});
