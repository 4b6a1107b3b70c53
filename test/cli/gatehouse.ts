import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../harness/node-red.ts";

const program = join(packageRoot, "dist/cli/gatehouse.js");

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** What was printed, read as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer's members are what the tests look at.
  readonly json: any;
}

/** The built command line in an empty folder. `input` is all of its standard input. */
export function commandLine(env: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-cli-"));
  const own = { ...process.env, NODE_OPTIONS: "", GATEHOUSE_STORE: undefined, GATEHOUSE_MASTER_KEY: undefined, ...env };
  const run = async (words: string, input = "", more: readonly string[] = []): Promise<Ran> => {
    const line = [...words.split(" ").filter(Boolean), ...more];
    const child = spawn(process.execPath, [program, ...line], { cwd: folder, env: own });
    const printed = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk) => (printed.out += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk) => (printed.err += chunk));
    // A command that asks for nothing may be gone before all is written.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const [code] = await once(child, "close");
    return { code, ...printed, json: parsed(printed.out) };
  };
  return { run, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
