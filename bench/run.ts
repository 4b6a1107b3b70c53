import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compilePrograms } from "./bundle.ts";
import { markdown, textTable } from "./report.ts";
import type { Row } from "./row.ts";

const names = ["in-process", "end-to-end", "ranges", "revocation", "start"];

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, quick: { type: "boolean", default: false } },
});
const chosen = values.only ?? names;
const unknown = chosen.find((name) => !names.includes(name));
if (unknown !== undefined) throw new Error(`${unknown} is none of ${names.join(", ")}`);

const programs = await compilePrograms();
const rows: Row[] = [];
try {
  for (const name of chosen) rows.push(...(await measured(name)));
} finally {
  programs.remove();
}
console.log(textTable(rows));
// A part, or numbers of too few rounds, are no results to keep.
if (!values.quick && values.only === undefined) {
  writeFileSync(new URL("./results.md", import.meta.url), markdown(rows));
}

async function measured(name: string): Promise<readonly Row[]> {
  console.error(`${name} …`);
  const child = fork(programs.worker, [name, values.quick ? "quick" : "full"], { execArgv: [] });
  const ended = once(child, "exit");
  const [answer] = await Promise.race([once(child, "message"), ended]);
  await ended;
  if (!Array.isArray(answer)) throw new Error(`${name} could not be measured`);
  return answer as readonly Row[];
}
