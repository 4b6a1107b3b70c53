import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A curl line of the documentation, and the status that it promises. */
export interface Promised {
  readonly status: number;
  readonly line: string;
}

/** Finds `**200** why`, followed by a code block that begins with curl. Throws when a curl block has no promise. */
export function promisedLines(markdown: string): readonly Promised[] {
  const blocks = [...markdown.matchAll(/^```\w*\n(curl [\s\S]*?)```$/gm)];
  return blocks.map((block) => {
    const before = markdown.slice(0, block.index).trimEnd().split("\n").at(-1) ?? "";
    const status = /^\*\*(\d{3})\*\*/.exec(before)?.[1];
    if (status === undefined) throw new Error(`no status is promised for: ${block[1]}`);
    return { status: Number(status), line: block[1]!.trim() };
  });
}

/** Runs a line with a shell, as a reader would, and returns the status of the answer. */
export async function statusOf(line: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const { stdout } = await run("sh", ["-euc", line], { env: { ...process.env, ...env }, timeout: 20_000 });
  const status = /^HTTP\/1\.1 (\d{3})/.exec(stdout)?.[1];
  if (status === undefined) throw new Error(`no answer to: ${line}\n${stdout}`);
  return Number(status);
}
