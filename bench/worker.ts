import { endToEnd } from "./end-to-end.ts";
import { inProcess } from "./in-process.ts";
import { ranges } from "./ranges.ts";
import { revocation } from "./revocation.ts";
import type { Measurement } from "./row.ts";
import { start } from "./start.ts";

// A figure in a process of its own, so that none warms up or slows down another.
const measurements: Readonly<Record<string, Measurement>> = {
  "in-process": inProcess,
  "end-to-end": endToEnd,
  ranges,
  revocation,
  start,
};

const [name = "", quick] = process.argv.slice(2);
const measurement = measurements[name];
if (!measurement) throw new Error(`no figure is named ${name}`);
const rows = await measurement({ quick: quick === "quick" });
if (process.send) process.send(rows, () => process.exit());
else console.log(rows);
