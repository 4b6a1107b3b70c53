import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Node, NodeAPI } from "node-red";
import type { AddressList } from "../../lib/checks/ip-allowlist.ts";
import { ConfigError } from "../../lib/errors.ts";
import { compileRanges, type RangeSet } from "../../lib/net/ip-range.ts";
import type { ListSource } from "./config.ts";

/** How soon a change of a file or of context is seen. */
const INTERVAL_MS = 1000;

export interface OpenList {
  readonly list: AddressList;
  close(): void;
}

export interface ListContext {
  readonly RED: NodeAPI;
  readonly node: Node;
  /** Told why the list cannot be used now, and `undefined` when it can again. */
  readonly report: (problem: string | undefined) => void;
}

/**
 * Opens a list of addresses. One that is typed in or comes from the environment is fixed: if it cannot be read, a
 * `ConfigError` is thrown. One from a file or from context is followed: while it cannot be read nobody gets in.
 */
export function openList(type: ListSource, value: string, option: string, context: ListContext): OpenList {
  switch (type) {
    case "list":
      return fixed(value.split("\n"), option);
    case "env":
      return fixed(environmentLines(value, option, context), option);
    case "file":
      return followFile(value, option, context);
    default:
      return followContext(type, value, option, context);
  }
}

function fixed(lines: readonly string[], option: string): OpenList {
  return { list: compileRanges(lines, { option }), close: () => undefined };
}

function environmentLines(name: string, option: string, { RED, node }: ListContext): readonly string[] {
  const value: unknown = RED.util.evaluateNodeProperty(name, "env", node, {});
  if (typeof value !== "string" || value === "") {
    throw new ConfigError(option, `the environment variable ${name} is not set`);
  }
  return value.split(/[\n,]/);
}

/** Holds the last list that could be compiled; a value that cannot be is as good as none. Says each problem once. */
function follower(option: string, { report }: ListContext) {
  let known: string | undefined;
  let current: RangeSet | undefined;
  let problem: string | undefined;

  const say = (text: string | undefined) => {
    if (text !== problem) report(text);
    problem = text;
  };
  const drop = (error: unknown) => {
    current = undefined;
    say((error as Error).message);
  };
  const compile = (lines: readonly string[]) => {
    try {
      current = compileRanges(lines, { option });
      say(undefined);
    } catch (error) {
      drop(error);
    }
  };
  return {
    list: () => current,
    take(read: () => readonly string[]) {
      try {
        const lines = read();
        const text = lines.join("\n");
        if (text !== known) compile(lines);
        known = text;
      } catch (error) {
        known = undefined;
        drop(error);
      }
    },
  };
}

function followFile(value: string, option: string, context: ListContext): OpenList {
  if (value === "") throw new ConfigError(option, "no file is named");
  const path = isAbsolute(value) ? value : resolve(context.RED.settings.userDir ?? "", value);
  const following = follower(option, context);
  const read = () => following.take(() => readFileSync(path, "utf8").split("\n"));
  read();
  watchFile(path, { interval: INTERVAL_MS, persistent: false }, read);
  return { list: following.list, close: () => unwatchFile(path, read) };
}

function followContext(type: "flow" | "global", name: string, option: string, context: ListContext): OpenList {
  if (name === "") throw new ConfigError(option, "no context variable is named");
  const following = follower(option, context);
  const read = () => {
    context.RED.util.evaluateNodeProperty(name, type, context.node, {}, (error, value) => {
      following.take(() => contextLines(error, value, `${type}.${name}`));
    });
  };
  read();
  const timer = setInterval(read, INTERVAL_MS).unref();
  return { list: following.list, close: () => clearInterval(timer) };
}

function contextLines(error: Error | null, value: unknown, name: string): readonly string[] {
  if (error) throw error;
  if (typeof value === "string") return value.split(/[\n,]/);
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) return value;
  throw new ConfigError(name, `${name} holds neither text nor an array of texts`);
}
