import type { LocalTime } from "../calendar.ts";
import { ConfigError } from "../errors.ts";

/** When something is allowed, by the clock of the time zone. */
export interface Hours {
  /** 0 is Sunday; empty means every day. */
  readonly days: readonly number[];
  /** As `08:00`. */
  readonly from: string;
  /** As `17:30`, up to `24:00`, and no longer allowed then. Before `from`, it is a time of the next day. */
  readonly to: string;
}

export interface CompiledHours {
  readonly days: ReadonlySet<number>;
  readonly from: number;
  readonly to: number;
}

const dayMinutes = 1440;
const timeOfDay = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

/** @throws ConfigError for days and times that cannot be. */
export function compileHours({ days, from, to }: Hours): CompiledHours {
  if (!days.every((day) => Number.isInteger(day) && day >= 0 && day <= 6)) {
    throw new ConfigError("days", "Days are numbers from 0 for Sunday to 6.");
  }
  const compiled = {
    days: new Set(days.length === 0 ? [0, 1, 2, 3, 4, 5, 6] : days),
    from: minutesOf(from),
    to: minutesOf(to),
  };
  if (compiled.from === dayMinutes) throw new ConfigError("from", "No day begins at 24:00.");
  if (compiled.from === compiled.to) throw new ConfigError("to", "The hours end when they begin.");
  return compiled;
}

/** What goes on past midnight belongs to the day on which it began. */
export function isWithin({ days, from, to }: CompiledHours, { weekday, minutes }: LocalTime): boolean {
  if (from < to) return days.has(weekday) && minutes >= from && minutes < to;
  return (days.has(weekday) && minutes >= from) || (days.has((weekday + 6) % 7) && minutes < to);
}

function minutesOf(text: string): number {
  const match = timeOfDay.exec(text);
  if (!match) throw new ConfigError("hours", `"${text}" is no time; one is written as in 08:00.`);
  return match[1] === undefined ? dayMinutes : Number(match[1]) * 60 + Number(match[2]);
}
