import { parseArgs } from "node:util";
import { type Command, type Given, type Options, UsageError } from "./command.ts";
import { commonOptions } from "./help.ts";

/** What a command line asks for. */
export type Asked =
  | { readonly help: readonly Command[] | Command }
  | { readonly command: Command; readonly given: Given; readonly operands: readonly string[] };

const mostWords = 2;

/** Reads a command line. Throws a `UsageError`. */
export function read(line: readonly string[], commands: readonly Command[]): Asked {
  const words = line.slice(0, mostWords).filter((word) => !word.startsWith("-"));
  const command =
    commands.find(({ name }) => name === words.join(" ")) ?? commands.find(({ name }) => name === words[0]);
  if (!command) return { help: group(line, words, commands) };
  const { given, operands } = readOptions(line.slice(command.name.split(" ").length), command);
  if (given.flag("help")) return { help: command };
  if (!fits(operands.length, command.operands)) {
    throw new UsageError(`${command.name} takes ${command.operands.join(" ") || "no name"}; see --help.`);
  }
  return { command, given, operands };
}

function fits(given: number, operands: readonly string[]): boolean {
  return given === operands.length || (given > operands.length && operands.at(-1)?.endsWith("...") === true);
}

/** The commands of a group whose help is asked for. */
function group(line: readonly string[], words: readonly string[], commands: readonly Command[]): readonly Command[] {
  const asksForHelp = line.length === 0 || line.includes("--help") || line.includes("-h") || words[0] === "help";
  const found = commands.filter(({ name }) => words[0] === undefined || name.startsWith(`${words[0]} `));
  if (asksForHelp && found.length > 0) return found;
  if (asksForHelp && words[0] === "help") return commands;
  throw new UsageError("There is no such command; gatehouse --help lists them.");
}

function readOptions(line: readonly string[], command: Command) {
  const options: Options = { ...command.options, ...commonOptions };
  const { values, positionals } = parsed(line, options);
  const given: Given = {
    text: (name) => values[name] as string | undefined,
    list: (name) => values[name] as readonly string[] | undefined,
    flag: (name) => values[name] === true,
  };
  return { given, operands: positionals };
}

/** As `util.parseArgs`, but says nothing of values, which may be secrets in the wrong place. */
function parsed(line: readonly string[], options: Options) {
  const forParser = Object.entries(options).map(([name, { type, multiple = false }]) => {
    return [name, { type, multiple, ...(name === "help" && { short: "h" }) }] as const;
  });
  try {
    return parseArgs({ args: [...line], options: Object.fromEntries(forParser), allowPositionals: true });
  } catch (error) {
    const option = /'(-[^'\s=]{1,30})/.exec((error as Error).message)?.[1] ?? "An option";
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      throw new UsageError(`${option} is no option here. Passwords and tokens are read from the standard input.`);
    }
    throw new UsageError(`${option} is not used that way; see --help.`);
  }
}
