import type { AuditEvent } from "./event.ts";
import { escapeText } from "./text.ts";

/** Bytes of a line, with its end (R48). */
export const LINE_LIMIT = 2048;
/** Text is cut to these lengths in turn, until the line fits. */
const shorter = [128, 64, 32, 16] as const;

/** One event as one line of JSON of at most `limit` bytes, without the end of line. Long texts are cut to make it fit. */
export function auditLine(event: AuditEvent, limit = LINE_LIMIT - 1): string {
  const whole = JSON.stringify(event);
  if (Buffer.byteLength(whole) <= limit) return whole;
  for (const length of shorter) {
    const line = JSON.stringify(shortened(event, length));
    if (Buffer.byteLength(line) <= limit) return line;
  }
  const { time, event: name, result } = event;
  return JSON.stringify({ time, event: escapeText(name, 64), result, cut: true });
}

function shortened(event: AuditEvent, length: number): object {
  const entries = Object.entries(event).map(([name, value]) => [name, shortValue(name, value, length)] as const);
  return { ...Object.fromEntries(entries), cut: true };
}

/** Chain and time stay whole; lists and counts keep as many members as a short text has characters. */
function shortValue(name: string, value: unknown, length: number): unknown {
  if (name === "prev" || name === "time") return value;
  if (typeof value === "string") return escapeText(value, length);
  if (Array.isArray(value)) return value.slice(0, length).map((each) => escapeText(each, length));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).slice(0, length));
}
