import { verifyFiles } from "../lib/audit/verify-files.ts";
import { type LoneCommand, UsageError } from "./command.ts";

/** Finds the first line of an audit trail that was changed, taken away or moved. */
export const auditVerifyCommand: LoneCommand = {
  alone: true,
  name: "audit verify",
  summary: "say whether the lines of an audit trail are as they were written",
  operands: ["FILE..."],
  options: {},
  notes: [
    "Name all files of the trail, in any order: gatehouse-audit.jsonl*",
    "Compare the hash of the last line with one noted earlier: whoever may write the file can cut off its end.",
  ].join("\n"),
  async run({ operands, terminal, json }) {
    const found = await verifyFiles(operands).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`A file cannot be read: ${error.code ?? error.message}.`);
    });
    const { ok, lines, first, last, head, broken } = found;
    if (json) terminal.result(JSON.stringify(found));
    else if (broken) terminal.result(`${broken.file}, line ${broken.line}: ${wording[broken.problem]}`);
    else
      terminal.result(
        `${lines} lines are as they were written: ${first} to ${last}, the last one with ${head || "no hash"}`,
      );
    return ok ? 0 : 1;
  },
};

const wording = {
  changed: "it was changed",
  missing: "lines before it are missing",
  reordered: "it was written elsewhere, or twice",
};
