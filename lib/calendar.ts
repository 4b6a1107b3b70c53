import { ConfigError } from "./errors.ts";

/** What a clock on the wall shows in a time zone. */
export interface LocalTime {
  /** As `2026-11-22`. */
  readonly date: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Since midnight by the clock on the wall, whole ones. */
  readonly minutes: number;
}

/** A calendar day or month of a time zone. */
export interface Period {
  /** As `2026-11-22` or `2026-11`. */
  readonly name: string;
  /** When the next one begins, in milliseconds since the epoch. */
  readonly end: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * Reads times in a zone of the IANA database, such as `Europe/Berlin`; `UTC` for an empty name.
 * @throws ConfigError for a zone that is not known.
 */
export function localTime(zone: string): (now: number) => LocalTime {
  const format = formatIn(zone);
  let minute = Number.NaN;
  let known: LocalTime | undefined;
  return (now) => {
    // Offsets from UTC are whole minutes, so that all of a minute is one local time.
    const current = Math.floor(now / minuteMs);
    if (known === undefined || current !== minute) known = read(format, now);
    minute = current;
    return known;
  };
}

/** The day or month that it is, from one midnight of the zone to another. @throws ConfigError as `localTime`. */
export function periodsOf(zone: string, length: "day" | "month"): (now: number) => Period {
  const format = formatIn(zone);
  const nameAt = (time: number) => read(format, time).date.slice(0, length === "day" ? 10 : 7);
  const longest = (length === "day" ? 3 : 33) * dayMs;
  let since = 0;
  let known: Period | undefined;
  return (now) => {
    if (known !== undefined && now >= since && now < known.end) return known;
    const name = nameAt(now);
    known = { name, end: firstAfter(now, now + longest, (time) => nameAt(time) !== name) };
    since = now;
    return known;
  };
}

/** The first millisecond from which on it holds; it does not hold at `from`, and does at `to`. */
function firstAfter(from: number, to: number, holds: (time: number) => boolean): number {
  let before = Math.floor(from);
  let after = Math.ceil(to);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (holds(middle)) after = middle;
    else before = middle;
  }
  return after;
}

function formatIn(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-CA-u-ca-gregory-nu-latn", {
      timeZone: zone || "UTC",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  } catch {
    throw new ConfigError("timeZone", `"${zone}" is no time zone; one is named as in Europe/Berlin.`);
  }
}

function read(format: Intl.DateTimeFormat, now: number): LocalTime {
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) as string;
  const date = `${part("year")}-${part("month")}-${part("day")}`;
  const minutes = Number(part("hour")) * 60 + Number(part("minute"));
  return { date, weekday: new Date(`${date}T00:00:00Z`).getUTCDay(), minutes };
}
