import { hash } from "node:crypto";
import type { AuditEvent } from "./event.ts";
import { auditLine, LINE_LIMIT } from "./line.ts";

/** Where a chain of lines has come to. */
export interface Link {
  /** Number of the last line, from 1; 0 before the first. */
  readonly seq: number;
  /** SHA-256 of the last line without its end, in hex; of nothing before the first. */
  readonly hash: string;
}

export const chainStart: Link = { seq: 0, hash: "" };

/** `,"sum":"` with 16 characters, `"}`, and the end of line. */
const SUM_BYTES = 8 + 16 + 2 + 1;

/**
 * The next line of a chain: `seq` counts the lines, `prev` is the SHA-256 of the line before, and `sum` is taken over
 * the line itself, so that a change of the last one shows too.
 */
export function chainLine(event: AuditEvent, { seq, hash }: Link): { readonly line: string; readonly link: Link } {
  const body = auditLine({ ...event, seq: seq + 1, prev: hash }, LINE_LIMIT - SUM_BYTES);
  const line = withSum(body.slice(0, -1));
  return { line, link: { seq: seq + 1, hash: lineHash(line) } };
}

/** In hex, as `sha256sum` prints it. */
export function lineHash(line: string): string {
  return hash("sha256", line);
}

function withSum(open: string): string {
  return `${open},"sum":"${hash("sha256", open).slice(0, 16)}"}`;
}

/** Whether a line is as it was written, as far as it can tell by itself. */
export function isWhole(line: string): boolean {
  const at = line.lastIndexOf(',"sum":"');
  return at > 0 && withSum(line.slice(0, at)) === line;
}
