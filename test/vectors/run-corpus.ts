import { type CorpusFile, readCorpus } from "./corpus.ts";
import { runPure } from "./pure.ts";
import type { Result } from "./report.ts";

export interface RunOptions {
  /** In place of the built-in cases. */
  readonly folder?: string;
  /** File names or parts of them, or case ids. */
  readonly only?: readonly string[];
  /** Whether cases that wait for a minute are run as well. */
  readonly slow: boolean;
}

/** Runs every case of a folder and tells what became of each. */
export async function runCorpus({ folder, only, slow }: RunOptions): Promise<readonly Result[]> {
  const { files, index } = readCorpus(folder);
  const chosen = files.flatMap((file) => choose(file, only));
  const results: Result[] = [];
  for (const file of chosen) {
    if (file.kind === "unknown") results.push(...file.cases.map((one) => unknown(file.file, one.id)));
    if (file.kind !== "pure") continue;
    for (const one of file.cases) {
      results.push({ file: file.file, id: one.id, title: one.description ?? "", outcome: await runPure(one) });
    }
  }
  const abuse = chosen.flatMap((file) => (file.kind === "abuse" ? [file] : []));
  if (abuse.length === 0) return results;
  // Only now: cases that call for nothing but lib need no build.
  const { runAbuse } = await import("./abuse/abuse.ts");
  return [...results, ...(await runAbuse(abuse, index, { slow }))];
}

function unknown(file: string, id: string): Result {
  return { file, id, title: "", outcome: "unsupported: no runner for cases of this form" };
}

function choose(file: CorpusFile, only: readonly string[] | undefined): readonly CorpusFile[] {
  if (!only || only.some((word) => file.file.includes(word))) return [file];
  const cases = (file.cases as readonly { readonly id: string }[]).filter(({ id }) => only.includes(id));
  return cases.length > 0 ? [{ ...file, cases } as CorpusFile] : [];
}
