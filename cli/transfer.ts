import { bodies } from "../lib/admin/bodies.ts";
import { exportLines } from "../lib/admin/export-lines.ts";
import { importHtpasswd as importUsers } from "../lib/admin/import-htpasswd.ts";
import { importLine } from "../lib/admin/import-line.ts";
import { parse, problemsText } from "../lib/admin/reader.ts";
import type { Call, Command, ExitCode } from "./command.ts";
import { present } from "./conditions.ts";
import { tellRefusal } from "./output.ts";

interface Line {
  readonly line: number;
  readonly result: string;
  readonly type?: string;
  readonly id?: string;
  readonly name?: string;
  readonly detail?: string;
}

/** Tells each line, and at the end how many of them came to what. */
async function tellLines({ terminal, json }: Call, lines: AsyncIterable<Line>): Promise<ExitCode> {
  const counts = new Map<string, number>();
  for await (const each of lines) {
    counts.set(each.result, (counts.get(each.result) ?? 0) + 1);
    if (json) await terminal.resultPart(`${JSON.stringify(each)}\n`);
    else if (each.result !== "imported") terminal.say(lineText(each));
  }
  terminal.say([...counts].map(([result, count]) => `${count} ${result}`).join(", ") || "nothing to import");
  return counts.has("refused") ? 1 : 0;
}

function lineText({ line, type, id, name, result, detail }: Line): string {
  const what = [type, id ?? name, result].filter((word) => word !== undefined);
  return `line ${line}: ${what.join(" ")}${detail === undefined ? "" : `: ${detail}`}`;
}

const htpasswd: Command = {
  name: "import htpasswd",
  summary: "take users from an htpasswd file, with their passwords; - reads the standard input",
  operands: ["FILE"],
  options: {
    environment: { type: "string", value: "WORD", help: "production (default) or sandbox" },
    scope: { type: "string", multiple: true, value: "SCOPE", help: "what they may do; may be repeated" },
  },
  notes: "bcrypt, apr1, SHA-crypt and {SHA} are taken, and replaced by argon2id at the first success.",
  begins: true,
  async run(call) {
    const { given, store, context, terminal } = call;
    let text = "";
    for await (const line of terminal.lines(call.operands[0] as string)) text += `${line}\n`;
    const asked = present({ text, environment: given.text("environment"), scopes: given.list("scope") });
    const read = parse(bodies(Date.now).htpasswd, asked);
    if (!read.ok) return tellRefusal(terminal, problemsText(read.problems));
    const { text: _, ...conditions } = read.value;
    return tellLines(call, importUsers(store, text, conditions, context));
  },
};

async function* importedLines({ store, context, terminal, operands }: Call): AsyncGenerator<Line> {
  let line = 0;
  for await (const text of terminal.lines(operands[0] as string)) {
    line++;
    if (text.trim() !== "") yield { line, ...(await importLine(store, text, context)) };
  }
}

const jsonLines: Command = {
  name: "import jsonl",
  summary: "take keys and users as export --with-digests wrote them; - reads the standard input",
  operands: ["FILE"],
  options: {},
  notes: [
    "What exists stays as it is, but for a revocation in the file, which holds then; what is revoked stays so.",
    "Imported tokens are known only under the master key that they had in the other store.",
  ].join("\n"),
  begins: true,
  run: (call) => tellLines(call, importedLines(call)),
};

const exportAll: Command = {
  name: "export",
  summary: "write all keys and users as JSON lines, without secrets",
  operands: [],
  options: { "with-digests": { type: "boolean", help: "and what proves them, for import into another store" } },
  async run({ given, store, prefix, context, terminal }) {
    const withDigests = given.flag("with-digests");
    if (withDigests) terminal.say("With digests, the lines are to be kept as safe as the store itself.");
    const lines = await exportLines(store, { prefix, now: context.now, withDigests });
    for await (const line of lines) await terminal.resultPart(line);
    return 0;
  },
};

export const transferCommands: readonly Command[] = [htpasswd, jsonLines, exportAll];
