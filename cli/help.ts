import type { Command, Options } from "./command.ts";

export const commonOptions: Options = {
  store: { type: "string", value: "ADDRESS", help: "embedded:FOLDER, redis://… or postgres://…; see below" },
  prefix: { type: "string", value: "TEXT", help: "first part of the store's keys: gh by default" },
  actor: { type: "string", value: "NAME", help: "who changes something; the system's user by default" },
  json: { type: "boolean", help: "results as JSON" },
  help: { type: "boolean", help: "this text" },
};

const surroundings = `The store is that of --store, of the variable GATEHOUSE_STORE, or embedded:./gatehouse:
  embedded:FOLDER                         the folder that a key-store-config node names
  redis://HOST:6379/0, rediss://…         ?prefix=NAME for one of several stores
  postgres://USER@HOST/DATABASE           ?sslmode=require, ?schema=NAME
GATEHOUSE_STORE_PASSWORD is the password for the server. The master key for imported tokens is in
GATEHOUSE_MASTER_KEY, or in the file that GATEHOUSE_MASTER_KEY_FILE names.

Exit codes: 0 done, 1 refused, 2 wrong use, 3 the store cannot be reached or used.`;

/** All commands, or those that begin with some words. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, operands, summary }) => [[name, ...operands].join(" "), summary] as const);
  return [
    "Usage: gatehouse COMMAND [OPTIONS]",
    "",
    "Manages the keys and users of a Gatehouse store.",
    "",
    ...table(rows),
    "",
    "gatehouse COMMAND --help tells the options of a command. Those of all:",
    "",
    ...optionRows(commonOptions),
    "",
    surroundings,
  ].join("\n");
}

export function commandHelp({ name, operands, summary, options, notes }: Command): string {
  return [
    `Usage: gatehouse ${[name, ...operands].join(" ")} [OPTIONS]`,
    "",
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    "",
    ...optionRows({ ...options, ...commonOptions }),
    ...(notes === undefined ? [] : ["", notes]),
    "",
    surroundings,
  ].join("\n");
}

function optionRows(options: Options): readonly string[] {
  return table(
    Object.entries(options).map(([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ""}`, help] as const),
  );
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}
