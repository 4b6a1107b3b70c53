/** What requests are counted by. */
export type CountBy = "principal" | "address" | "property" | "everyone";

export type WindowUnit = "second" | "minute" | "hour" | "day" | "calendar-day" | "calendar-month";

/** One limit as typed: numbers may be texts, and are judged when the node starts. */
export interface LimitEntry {
  requests: number | string;
  /** How many units long the window is; without a meaning for a day or month of the calendar. */
  per: number | string;
  unit: WindowUnit;
  /** Empty: as many as requests. */
  burst: number | string;
}

export interface ApiRateLimitConfig {
  name: string;
  version: number;
  countBy: CountBy;
  /** Of the message, where it is counted by one. */
  property: string;
  /** For requests with nobody, or nothing, to count by. */
  otherwise: "refuse" | "address";
  /** The limit in a key's or user's record takes the place of `limits`. */
  ownLimit: boolean;
  limits: LimitEntry[];
  /** For days and months of the calendar. */
  timeZone: string;
  cost: string;
  costType: "num" | "msg";
  /** Nodes with the same name count together. */
  sharedName: string;
  /** Empty: counted in this process. */
  store: string;
  whenAway: "refuse" | "local";
  network: string;
  countRefused: boolean;
  olderFields: boolean;
  observe: boolean;
}
