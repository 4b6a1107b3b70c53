import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { isWhole } from "./chain.ts";
import { type ChainProblem, chainVerifier, type Verification } from "./verify.ts";

export interface FilesVerification extends Omit<Verification, "broken"> {
  readonly broken?: { readonly file: string /** From 1. */; readonly line: number; readonly problem: ChainProblem };
}

/**
 * Verifies the files of one audit trail as one chain, whatever the order of their names: each begins where another ends.
 * Rejects when one cannot be read.
 */
export async function verifyFiles(paths: readonly string[]): Promise<FilesVerification> {
  const verifier = chainVerifier();
  const ends: { readonly file: string; readonly before: number }[] = [];
  let lines = 0;
  for (const file of await inOrder(paths)) {
    ends.push({ file, before: lines });
    for await (const line of linesOf(file)) {
      lines++;
      if (!verifier.add(line)) break;
    }
  }
  const { broken, ...verification } = verifier.end();
  if (!broken) return verification;
  const { file, before } = ends.findLast((end) => end.before < broken.line) as (typeof ends)[number];
  return { ...verification, broken: { file, line: broken.line - before, problem: broken.problem } };
}

async function inOrder(paths: readonly string[]): Promise<readonly string[]> {
  const numbered = await Promise.all(paths.map(async (path) => ({ path, seq: await firstSeq(path) })));
  return numbered
    .sort((one, other) => one.seq - other.seq || one.path.localeCompare(other.path))
    .map(({ path }) => path);
}

/** 0 for a file whose first line is none of a chain. */
async function firstSeq(path: string): Promise<number> {
  for await (const line of linesOf(path)) {
    return isWhole(line) ? Number((JSON.parse(line) as { readonly seq?: unknown }).seq) || 0 : 0;
  }
  return 0;
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Number.POSITIVE_INFINITY });
}
