import type { RateLimitOptions } from "../../lib/checks/rate-limit.ts";
import { ConfigError } from "../../lib/errors.ts";
import type { CountBy } from "../../lib/limits/subject.ts";
import type { RateLimit } from "../../lib/limits/window.ts";
import type { ApiRateLimitConfig, LimitEntry, WindowUnit } from "./config.ts";

type FromDialog = "scope" | "countBy" | "limits" | "timeZone" | "cost" | "countRefused" | "olderFields";

const seconds = new Map<WindowUnit, number>([
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
]);

/** What the dialog says, as lib has it. @throws ConfigError for what is no whole number or no choice. */
export function optionsOf(config: ApiRateLimitConfig & { readonly id: string }): Pick<RateLimitOptions, FromDialog> {
  const { id, sharedName, limits, timeZone, cost, costType, countRefused, olderFields } = config;
  return {
    scope: sharedName.trim() === "" ? `node ${id}` : `shared ${sharedName.trim()}`,
    countBy: countByOf(config),
    limits: limits.map(limitOf),
    timeZone: timeZone.trim(),
    cost: costType === "msg" ? "given" : wholeNumber("cost", cost),
    countRefused,
    olderFields,
  };
}

function countByOf({ countBy, otherwise, ownLimit, property }: ApiRateLimitConfig): CountBy {
  switch (countBy) {
    case "principal":
      return { by: "principal", ownLimit, otherwise };
    case "property":
      if (property.trim() === "") throw new ConfigError("property", "No property of the message is named to count by.");
      return { by: "given", otherwise };
    case "address":
    case "everyone":
      return { by: countBy };
    default:
      throw new ConfigError("countBy", "It is not said what requests are counted by.");
  }
}

function limitOf({ requests, per, unit, burst }: LimitEntry): RateLimit {
  const limit = { requests: wholeNumber("requests", requests) };
  if (unit === "calendar-day") return { ...limit, per: "day" };
  if (unit === "calendar-month") return { ...limit, per: "month" };
  const unitSeconds = seconds.get(unit);
  if (unitSeconds === undefined) throw new ConfigError("limits", `"${unit}" is no unit of time.`);
  const window = wholeNumber("per", per) * unitSeconds;
  return { ...limit, per: window, ...(burst !== "" && { burst: wholeNumber("burst", burst) }) };
}

/** Strictly, because `Number` takes an empty text for 0, and `parseInt` takes `5; DROP` for 5. */
function wholeNumber(option: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (typeof value === "string" && /^\d{1,10}$/.test(value)) return Number(value);
  throw new ConfigError(option, `"${option}" takes a whole number, not ${JSON.stringify(value) ?? "nothing"}.`);
}
