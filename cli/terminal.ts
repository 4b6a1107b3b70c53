import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { UsageError } from "./command.ts";
import { typed } from "./prompt.ts";

/** What the command line reads and writes. */
export interface Terminal {
  /** A result, or a secret that is shown once: goes to the standard output, with a line end. */
  result(text: string): void;
  /** The same, of many; resolves when more can be written. */
  resultPart(text: string): Promise<void>;
  /** Anything else that is to be known: goes to the standard error. Shows as itself, whatever is in it. */
  say(text: string): void;
  /** A secret from the standard input, or typed without being shown. `again` has it typed twice. */
  secret(what: string, again?: boolean): Promise<string>;
  /** Lines of a file, or of the standard input for `-`. Throws a `UsageError` for a file that cannot be read. */
  lines(file: string): AsyncIterable<string>;
}

/** Control sequences in a name could rewrite what a terminal shows. */
export function visible(text: string): string {
  return text.replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, "\ufffd");
}

const secretLimit = 64 * 1024;

export function processTerminal({ stdin, stdout, stderr }: NodeJS.Process): Terminal {
  // Whoever reads the output has enough of it, as `head` has.
  stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  return {
    result: (text) => void stdout.write(`${text}\n`),
    resultPart: (text) => (stdout.write(text) ? Promise.resolve() : new Promise((done) => stdout.once("drain", done))),
    say: (text) => void stderr.write(`${visible(text)}\n`),
    async secret(what, again = false) {
      if (!stdin.isTTY) return oneLine(await piped(stdin), what);
      const first = await typed(stdin, stderr, `${what}: `);
      if (again && (await typed(stdin, stderr, `${what}, again: `)) !== first) {
        throw new UsageError("The two are not the same.");
      }
      return oneLine(first, what);
    },
    lines: (file) => linesOf(file, stdin),
  };
}

async function* linesOf(file: string, stdin: NodeJS.ReadStream): AsyncGenerator<string> {
  const input = file === "-" ? stdin : await opened(file);
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

async function opened(file: string): Promise<NodeJS.ReadableStream> {
  try {
    const handle = await open(file);
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
    await handle.close();
  } catch {
    // Said below.
  }
  throw new UsageError(`The file ${file} cannot be read.`);
}

async function piped(stdin: NodeJS.ReadStream): Promise<string> {
  let text = "";
  for await (const chunk of stdin.setEncoding("utf8")) {
    text += chunk;
    if (text.length > secretLimit) throw new UsageError("The standard input holds too much for one secret.");
  }
  return text;
}

function oneLine(text: string, what: string): string {
  const line = text.replace(/\r?\n$/, "");
  if (line === "") throw new UsageError(`${what}: nothing was given on the standard input.`);
  if (/[\r\n]/.test(line)) throw new UsageError(`${what}: more than one line was given.`);
  return line;
}
