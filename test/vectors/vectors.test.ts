import assert from "node:assert/strict";
import { readCorpus } from "./corpus.ts";
import { disputes, printReport, type Result, standing } from "./report.ts";
import { runCorpus } from "./run-corpus.ts";

describe("the case files", function () {
  this.timeout(600_000);
  let results: readonly Result[] = [];

  before(async () => {
    results = await runCorpus({ slow: process.env.GATEHOUSE_FULL !== undefined });
    printReport(results);
  });

  for (const { file } of readCorpus().files) {
    it(`${file} has no case that fails`, () => {
      const ofFile = results.filter((result) => result.file === file);
      assert.notEqual(ofFile.length, 0);
      const failed = ofFile.filter((result) => standing(result, disputes()) === "failed");
      assert.deepEqual(
        failed.map(({ id, title, outcome }) => `${id} ${title}: ${String(outcome)}`),
        [],
      );
    });
  }
});
