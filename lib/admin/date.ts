import { fail, type Reader, string } from "./reader.ts";

// RFC 3339 section 5.6, upper case. A leap second is no time that Date knows.
const dateTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](\d\d):(\d\d))$/;
const yearMs = 365.25 * 24 * 3600 * 1000;
/** A later date is a slip of the pen, or a key that nobody will remember. */
const horizonMs = 10 * yearMs;

/** Milliseconds since the epoch of an RFC 3339 date and time; undefined for any other text, or a day that never was. */
export function parseDateTime(text: string): number | undefined {
  const match = dateTime.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second, offsetHour, offsetMinute] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isTime = hour < 24 && minute < 60 && second < 60;
  const isOffset = !(offsetHour > 23) && !(offsetMinute > 59);
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  return isTime && isOffset && isDay ? Date.parse(text) : undefined;
}

/** A date within ten years of now, either way. */
export function nearDate(now: () => number): Reader<number> {
  return (value, pointer, problems) => {
    const text = string(value, pointer, problems);
    if (text === undefined) return undefined;
    const at = parseDateTime(text);
    if (at === undefined)
      return fail(problems, pointer, 'must be a date and time as "2030-01-31T23:59:59Z" (RFC 3339)');
    const isNear = Math.abs(at - now()) <= horizonMs;
    return isNear ? at : fail(problems, pointer, "must be within ten years");
  };
}

/** A date in the next ten years. */
export function futureDate(now: () => number): Reader<number> {
  const near = nearDate(now);
  return (value, pointer, problems) => {
    const at = near(value, pointer, problems);
    return at !== undefined && at <= now() ? fail(problems, pointer, "is in the past") : at;
  };
}
