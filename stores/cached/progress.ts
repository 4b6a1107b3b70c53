import type { Change } from "../../lib/store.ts";
import type { ChangesSince } from "../remote.ts";

export interface ChangeHandler {
  /** What is known of it may be out of date. Called at once, for some changes more than once. */
  drop(change: Change): void;
  /** A change took place. Called once for each, in their order, after `drop`. */
  changed(change: Change): void;
}

/** How far the changes on a server are known. */
export interface Progress {
  /** Number of the last change known; above that of any change before the first answer. */
  readonly sequence: number;
  hasBegun(): boolean;
  /** Takes a notice; false when others must have come before it. */
  hear(change: Change, number: number): boolean;
  /** Takes the answer to `changesSince(asked)`. */
  settle(found: ChangesSince, asked: number): void;
}

const notYet = Number.MAX_SAFE_INTEGER;
const kinds = ["key", "user"] as const;

export function dropAll(handler: Pick<ChangeHandler, "drop">): void {
  for (const kind of kinds) handler.drop({ kind });
}

export function progress(handler: ChangeHandler): Progress {
  let sequence = notYet;
  const advance = (change: Change, number: number) => {
    if (number <= sequence) return;
    sequence = number;
    handler.drop(change);
    handler.changed(change);
  };
  const startOver = (last: number, asked: number) => {
    const isFirst = sequence === notYet;
    // Below what was asked: the server lost changes. Above: a notice may have come while it answered.
    sequence = last < asked ? last : Math.max(last, sequence);
    dropAll(handler);
    if (!isFirst) for (const kind of kinds) handler.changed({ kind });
  };
  return {
    get sequence() {
      return sequence;
    },
    hasBegun: () => sequence !== notYet,
    hear(change, number) {
      handler.drop(change);
      if (number > sequence + 1) return false;
      advance(change, number);
      return true;
    },
    settle(found, asked) {
      if (found.changes === "too-many") startOver(found.sequence, asked);
      else for (const [index, change] of found.changes.entries()) advance(change, asked + 1 + index);
    },
  };
}
