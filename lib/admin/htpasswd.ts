import { normaliseUserName } from "../names.ts";
import { isUsableHash } from "../secrets/password-hash.ts";
import { userName } from "./bodies.ts";
import { parse } from "./reader.ts";

export interface HtpasswdLine {
  /** Counted from 1. */
  readonly line: number;
  /** Absent where the line has none that can be taken. */
  readonly name?: string;
  /** Absent where the line is refused. */
  readonly hash?: string;
  /** Why the line is refused. Holds nothing of the hash. */
  readonly problem?: string;
}

/** Reads the text of an htpasswd file, without blank lines and comments. A name that is given twice counts once. */
export function parseHtpasswd(text: string): readonly HtpasswdLine[] {
  const seen = new Set<string>();
  return text.split(/\r?\n/).flatMap((source, index) => {
    if (source.trim() === "" || source.startsWith("#")) return [];
    return [readLine(source, index + 1, seen)];
  });
}

function readLine(source: string, line: number, seen: Set<string>): HtpasswdLine {
  const colon = source.indexOf(":");
  if (colon < 0) return { line, problem: "there is no colon" };
  const name = parse(userName, source.slice(0, colon));
  if (!name.ok) return { line, problem: `the name ${name.problems.map(({ detail }) => detail).join()}` };
  // What follows a second colon is a comment of some tools.
  const hash = source.slice(colon + 1).split(":", 1)[0] as string;
  if (!isUsableHash(hash)) {
    return { line, name: name.value, problem: "the hash is plain text, of an unknown kind, or too costly" };
  }
  const id = normaliseUserName(name.value) as string;
  if (seen.has(id)) return { line, name: name.value, problem: "the name was there already" };
  seen.add(id);
  return { line, name: name.value, hash };
}
