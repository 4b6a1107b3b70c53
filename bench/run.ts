import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { markdown, textTable } from "./report.ts";
import type { Row } from "./row.ts";

const names = ["in-process", "end-to-end", "ranges", "revocation", "start"];

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, quick: { type: "boolean", default: false } },
});
const chosen = values.only ?? names;
const unknown = chosen.find((name) => !names.includes(name));
if (unknown !== undefined) throw new Error(`${unknown} is none of ${names.join(", ")}`);

const rows: Row[] = [];
for (const name of chosen) rows.push(...(await measured(name)));
console.log(textTable(rows));
// A part, or numbers of too few rounds, are no results to keep.
if (!values.quick && values.only === undefined) {
  writeFileSync(new URL("./results.md", import.meta.url), markdown(rows));
}

async function measured(name: string): Promise<readonly Row[]> {
  console.error(`${name} …`);
  const worker = fileURLToPath(new URL("./worker.ts", import.meta.url));
  const child = fork(worker, [name, values.quick ? "quick" : "full"], { execArgv: ["--import", "tsx"] });
  const ended = once(child, "exit");
  const [answer] = await Promise.race([once(child, "message"), ended]);
  await ended;
  if (!Array.isArray(answer)) throw new Error(`${name} could not be measured`);
  return answer as readonly Row[];
}
