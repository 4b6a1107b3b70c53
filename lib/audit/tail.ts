import { chainStart, isWhole, type Link, lineHash } from "./chain.ts";

/** Where the chain of a file has come to. */
export interface ChainEnd {
  readonly link: Link;
  /** The last line was begun and not finished. */
  readonly torn: boolean;
  /** The last line has no end yet. */
  readonly open: boolean;
}

/**
 * Reads the end of a file: its last 4 KiB are enough, or all of a shorter one. `known` is what the writer remembers; a
 * number that is greater than the file's stays, so that it shows when lines were cut off.
 */
export function chainEnd(tail: string, known: Link = chainStart): ChainEnd {
  const open = tail !== "" && !tail.endsWith("\n");
  const lines = (open ? tail : tail.slice(0, -1)).split("\n");
  const last = lines.at(-1) as string;
  if (last === "") return { link: known, torn: false, open };
  const torn = open && !isWhole(last);
  const numbered = torn ? lines.at(-2) : last;
  return { link: { seq: Math.max(seqOf(numbered), known.seq), hash: lineHash(last) }, torn, open };
}

function seqOf(line: string | undefined): number {
  if (line === undefined || !isWhole(line)) return 0;
  const { seq } = JSON.parse(line) as { readonly seq: number };
  return seq;
}
