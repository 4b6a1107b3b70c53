import { parseArgs } from "node:util";
import { printReport } from "./report.ts";
import { runCorpus } from "./run-corpus.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string" },
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
  },
});

let isReported = false;
// Should nothing be left to wait for, Node would end without a word.
process.once("exit", () => {
  if (isReported) return;
  console.error("The run ended before its report.");
  process.exitCode = 1;
});

const results = await runCorpus({
  ...(values.cases !== undefined && { folder: values.cases }),
  ...(values.only && { only: values.only }),
  slow: !values.quick,
});
const { failed } = printReport(results);
isReported = true;
process.exit(failed > 0 || results.length === 0 ? 1 : 0);
