import type { Change } from "../lib/store.ts";

export type ChangeListener = (change: Change) => void;

/** One listener's mistake is no reason to leave the others in ignorance. */
export function tell(listeners: Iterable<ChangeListener>, change: Change): void {
  for (const listener of listeners) {
    try {
      listener(change);
    } catch (error) {
      process.emitWarning(error as Error);
    }
  }
}
