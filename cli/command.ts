import type { Outcome } from "../lib/admin/outcome.ts";
import type { ChangeContext } from "../lib/lifecycle/context.ts";
import type { Store } from "../lib/store.ts";
import type { Terminal } from "./terminal.ts";

/** One option of a command, as `util.parseArgs` and the help take it. */
export interface Option {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** What was given on the command line, by name. */
export interface Given {
  text(name: string): string | undefined;
  list(name: string): readonly string[] | undefined;
  flag(name: string): boolean;
}

/** A command under way, with its store open. */
export interface Call {
  readonly given: Given;
  readonly operands: readonly string[];
  readonly store: Store;
  /** First part of the keys made here. */
  readonly prefix: string;
  readonly context: ChangeContext;
  readonly terminal: Terminal;
  readonly json: boolean;
  /** Runs one of the operations that the editor and flows have. */
  readonly operate: (type: "key" | "user", operation: string, request: object) => Promise<Outcome>;
}

interface Described {
  /** `keys create` */
  readonly name: string;
  readonly summary: string;
  /** `NAME`, in order; all are needed. A last one with dots, as `FILE...`, may be given several times. */
  readonly operands: readonly string[];
  readonly options: Options;
  /** More to know, below the options in the help. */
  readonly notes?: string;
}

export interface StoreCommand extends Described {
  readonly alone?: never;
  /** A store is begun where there is none; other commands want it to be there. */
  readonly begins?: boolean;
  run(call: Call): Promise<ExitCode>;
}

/** A command that needs no store. */
export interface LoneCommand extends Described {
  readonly alone: true;
  run(call: LoneCall): Promise<ExitCode>;
}

export type LoneCall = Pick<Call, "given" | "operands" | "terminal" | "json">;

export type Command = StoreCommand | LoneCommand;

/** Done; refused; used in a wrong way; the store cannot be reached or used. */
export type ExitCode = 0 | 1 | 2 | 3;

/** A command line that makes no sense. Its message holds no value that was given, which may be a secret. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
