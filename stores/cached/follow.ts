import { StoreError } from "../../lib/errors.ts";
import type { RemoteStore } from "../remote.ts";
import { type ChangeHandler, dropAll, progress } from "./progress.ts";

export interface FollowOptions {
  readonly now: () => number;
  readonly pollMs: number;
  readonly staleMs: number;
}

export interface Follower {
  /** Whether all changes are known that took place until a second ago, or `staleMs` in an outage. */
  isCurrent(): boolean;
  /** Resolves once every change is known that was made before the call. */
  catchUp(): Promise<void>;
  /** Resolves at once when the server has answered before: changes from now on will be told. */
  begin(): Promise<void> | undefined;
  end(): void;
}

/** How old the last look at the server may be. What was changed before it began is known. */
const currentMs = 1_000;

/** Keeps up with the changes on a server: by the notices it sends, and by asking, as a notice may be lost. */
export function follow(remote: RemoteStore, options: FollowOptions, handler: ChangeHandler): Follower {
  const { now, pollMs, staleMs } = options;
  const known = progress(handler);
  let lookedAt = Number.NEGATIVE_INFINITY;
  /** Counts the times that the connection was lost. */
  let losses = 0;
  let isConnected = true;
  const look = async () => {
    const [startedAt, before, asked] = [now(), losses, known.sequence];
    try {
      known.settle(await remote.changesSince(asked), asked);
      if (before === losses) lookedAt = startedAt;
    } catch (error) {
      // Not away but gone or unusable: no bound in seconds makes that good.
      if (!(error instanceof StoreError && error.code === "unreachable")) dropAll(handler);
      throw error;
    }
  };
  const catchUp = inTurn(look);
  const lookNow = () => void catchUp().catch(() => undefined);
  const unsubscribe = remote.subscribe({
    changed: (change, number) => void (known.hear(change, number) || lookNow()),
    lost() {
      losses += 1;
      isConnected = false;
    },
    restored() {
      isConnected = true;
      if (staleMs === 0) lookedAt = Number.NEGATIVE_INFINITY;
      lookNow();
    },
  });
  lookNow();
  const timer = setInterval(lookNow, pollMs).unref();
  return {
    catchUp,
    begin: () => (known.hasBegun() ? undefined : catchUp()),
    isCurrent() {
      const age = now() - lookedAt;
      return age >= 0 && age < (isConnected ? Math.max(currentMs, staleMs) : staleMs);
    },
    end() {
      clearInterval(timer);
      unsubscribe();
    },
  };
}

/** One at a time; all who ask while one is under way share the next one. */
function inTurn(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = () => {
    next = undefined;
    running = action().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (running === undefined) return start();
    next ??= running.then(start, start);
    return next;
  };
}
