import { UsageError } from "./command.ts";

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90d`, `12h`, `3600` in seconds; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const match = /^(\d{1,9})([smhdw]?)$/.exec(text);
  return match ? Number(match[1]) * (unitSeconds[match[2] || "s"] as number) : undefined;
}

/** Seconds. Throws a `UsageError`. */
export function secondsOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = durationOf(text);
  if (seconds === undefined) throw new UsageError(`--${option} takes a time as 30m, 12h or 90d.`);
  return seconds;
}

/** A date as the operations take it: RFC 3339, a day, or a time from now on; null for `never`. */
export function dateOf(text: string | undefined, now: number): string | null | undefined {
  if (text === undefined) return undefined;
  if (text === "never") return null;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00:00Z`;
  const seconds = /[smhdw]$/.test(text) ? durationOf(text) : undefined;
  return seconds === undefined ? text : isoOrText(now + seconds * 1000, text);
}

/** A date that no calendar has is left for the operation to refuse. */
function isoOrText(at: number, text: string): string {
  return at <= 8.64e15 ? new Date(at).toISOString() : text;
}

/** `100/1m` as a limit; null for `none`. Throws a `UsageError`. */
export function limitOf(text: string | undefined): { requests: number; windowSeconds: number } | null | undefined {
  if (text === undefined) return undefined;
  if (text === "none") return null;
  const [requests = "", window = ""] = text.split("/");
  const windowSeconds = durationOf(window);
  if (!/^\d{1,10}$/.test(requests) || windowSeconds === undefined) {
    throw new UsageError("--limit takes requests and a time, as 100/1m.");
  }
  return { requests: Number(requests), windowSeconds };
}

/** `NAME=VALUE` each. Throws a `UsageError`. */
export function metadataOf(entries: readonly string[] | undefined): Readonly<Record<string, string>> | undefined {
  const pairs = entries?.map((entry) => {
    const mark = entry.indexOf("=");
    if (mark < 1) throw new UsageError("--metadata takes NAME=VALUE.");
    return [entry.slice(0, mark), entry.slice(mark + 1)] as const;
  });
  return pairs && Object.fromEntries(pairs);
}

/** A whole number. Throws a `UsageError`. */
export function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${option} takes a whole number.`);
  return Number(text);
}
