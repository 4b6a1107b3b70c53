import type { Outcome } from "../lib/admin/outcome.ts";
import type { Call, ExitCode } from "./command.ts";
import { visible } from "./terminal.ts";

/** A key or user as the operations show it. */
export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly environment: string;
  readonly version: number;
  readonly masked?: string;
  readonly expiresAt?: string;
  readonly lastUsedAt?: string;
  readonly secret?: string;
  readonly warning?: string;
}

/** Tells the outcome of a change: `done` is the past of what was asked. */
export function tellChange({ terminal, json }: Call, outcome: Outcome, done: string): ExitCode {
  if (!outcome.done) return tellRefusal(terminal, outcome.detail);
  const shown = outcome.value as Shown;
  if (shown.warning !== undefined) terminal.say(`warning: ${shown.warning}`);
  if (json) terminal.result(JSON.stringify(shown));
  else terminal.say(`${done}: ${shown.id} "${shown.name}", ${shown.state}, version ${shown.version}`);
  if (json || shown.secret === undefined) return 0;
  terminal.say("The key is shown this once, and kept nowhere:");
  terminal.result(shown.secret);
  return 0;
}

export function tellRefusal(terminal: Call["terminal"], detail: string): ExitCode {
  terminal.say(`refused: ${detail}`);
  return 1;
}

/** One record, for people a member a line. */
export function tellRecord({ terminal, json }: Call, outcome: Outcome): ExitCode {
  if (!outcome.done) return tellRefusal(terminal, outcome.detail);
  if (json) {
    terminal.result(JSON.stringify(outcome.value));
    return 0;
  }
  for (const [name, value] of Object.entries(outcome.value)) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    terminal.result(visible(`${name.padEnd(14)}${text}`));
  }
  return 0;
}

const columns = [
  ["ID", 14, ({ id }: Shown) => id],
  ["STATE", 14, ({ state }: Shown) => state],
  ["ENVIRONMENT", 13, ({ environment }: Shown) => environment],
  ["EXPIRES", 22, ({ expiresAt }: Shown) => seconds(expiresAt) || "never"],
  ["LAST USED", 22, ({ lastUsedAt }: Shown) => seconds(lastUsedAt) || "-"],
  ["NAME", 0, ({ name }: Shown) => name],
] as const;

export const listHeading: string = columns
  .map(([title, width]) => title.padEnd(width))
  .join("")
  .trimEnd();

export function listLine(shown: Shown): string {
  const cells = columns.map(([, width, cell]) => cell(shown).padEnd(width === 0 ? 0 : width - 1));
  return visible(cells.join(" "));
}

function seconds(date: string | undefined): string | undefined {
  return date?.replace(/\.\d+Z$/, "Z");
}
