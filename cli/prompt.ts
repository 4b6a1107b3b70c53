import { UsageError } from "./command.ts";

/** Reads one line from a terminal that shows nothing of it. Rejects with a `UsageError` when the person gives up. */
export function typed(stdin: NodeJS.ReadStream, stderr: NodeJS.WriteStream, prompt: string): Promise<string> {
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  return new Promise((done, failed) => {
    let text = "";
    const take = (chunk: string) => {
      const next = edited(text, chunk);
      text = next.text;
      if (next.end === undefined) return;
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      if (next.end === "line") done(text);
      else failed(new UsageError("Given up."));
    };
    stdin.on("data", take);
    stdin.resume();
  });
}

interface Edited {
  readonly text: string;
  readonly end?: "line" | "given-up";
}

/** The line after more was typed, up to its end. */
export function edited(before: string, chunk: string): Edited {
  let text = before;
  for (const character of chunk) {
    const end = ends.get(character);
    if (end !== undefined) return { text, end };
    text = erases.has(character) ? [...text].slice(0, -1).join("") : text + character;
  }
  return { text };
}

/** Enter; Ctrl-C and Ctrl-D. */
const ends: ReadonlyMap<string, "line" | "given-up"> = new Map([
  ["\r", "line"],
  ["\n", "line"],
  ["\u0003", "given-up"],
  ["\u0004", "given-up"],
]);
const erases: ReadonlySet<string> = new Set(["\u007f", "\b"]);
