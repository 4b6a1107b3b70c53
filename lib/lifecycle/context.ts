import type { RandomBytes } from "../secrets/base62.ts";

/** Who changes a record, and when. */
export interface ChangeContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Name of the person or flow, as the audit trail shows it. */
  readonly actor: string;
  /** For tests; `crypto.randomBytes` by default. */
  readonly randomBytes?: RandomBytes;
}
