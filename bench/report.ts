import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../test/harness/node-red.ts";
import type { Row } from "./row.ts";

const method = `## How

- In process: a Node-RED in one process with the bench, and requests given to its Express app without a network: real
  \`IncomingMessage\` and \`ServerResponse\` objects, 20 under way at a time, in chunks of 500. The flows take turns chunk
  by chunk, every other round backwards; a ratio is the median of the ratios within a round, in CPU time of the process,
  which other processes disturb least.
- End to end: Node-RED, and the load in another process on another core where the system can pin them.
- A function node does the same job with one secret from the environment, compared by \`===\`.
- Look-ups start from the address as text. Memory is counted after garbage collection.
- Revocation: one process writes to an embedded store, another reads the key once each turn of its event loop.
- Start: CPU time until the flows run, and the resident memory then.
`;

const columns = ["figure", "goal", "measured", "met"] as const;

/** The table for people at a terminal. */
export function textTable(rows: readonly Row[]): string {
  const lines = aligned([columns, ...rows.map(cells)]);
  return lines.map((line, i) => `${line.join("  ").trimEnd()}${note(rows[i - 1])}`).join("\n");
}

function aligned(lines: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => (line[i] as string).length)));
  return lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i] as number)));
}

function cells(row: Row): readonly string[] {
  return [row.figure, row.goal ?? "", row.measured, row.met === undefined ? "" : row.met ? "yes" : "NO"];
}

function note(row: Row | undefined): string {
  return row?.note ? `  (${row.note})` : "";
}

/** The page that is kept: what was measured, on what, and how. */
export function markdown(rows: readonly Row[]): string {
  const missed = rows.filter(({ met }) => met === false);
  const [head, ...lines] = aligned([
    [...columns, "how it came"],
    ...rows.map((row) => [...cells(row), row.note ?? ""]),
  ]).map((line) => `| ${line.join(" | ")} |`);
  const rule = head?.replace(/[^|]/g, "-").replace(/\|-/g, "| ").replace(/-\|/g, " |");
  return `# What the checks cost

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}.

${[head, rule, ...lines].join("\n")}

${missed.length === 0 ? "Every goal was met." : `## Missed\n\n${missed.map(missedLine).join("\n")}`}

${method}`;
}

function missedLine({ figure, reason }: Row): string {
  return `- ${figure}: ${reason ?? "no reason is known; measure again on a quiet machine"}.`;
}

function machine(): string {
  const versions = ["node-red", "lmdb", "@node-rs/argon2", "ipaddr.js", "autocannon"].map(
    (name) => `${name} ${versionOf(join("node_modules", name))}`,
  );
  const cores = cpus();
  return `Gatehouse ${versionOf(".")}, Node ${process.versions.node}, ${versions.join(", ")}, ${cores.length} × ${cores[0]?.model.trim()}, load average ${loadavg()[0]?.toFixed(1)}`;
}

function versionOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot, folder, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}
