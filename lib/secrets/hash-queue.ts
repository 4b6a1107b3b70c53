import { availableParallelism } from "node:os";
import { OverloadError } from "../errors.ts";
import { fairQueue } from "./fair-queue.ts";

export interface HashQueueOptions {
  /** Tasks at a time. `defaultHashConcurrency()` by default. */
  readonly concurrency?: number;
  /** Tasks that may wait, of all sources together. 32 by default. */
  readonly limit?: number;
  /** Tasks that may wait of one source. 8 by default. */
  readonly perSource?: number;
}

/** Password hashing takes turns, so that it starves neither file access nor the callers that need no hash. */
export interface HashQueue {
  /**
   * Runs the task when its turn comes; sources (such as client addresses) take turns.
   * Rejects with `OverloadError`, at once and without running the task, when too many wait.
   */
  run<T>(task: () => Promise<T>, source?: string): Promise<T>;
  /** As `run`, but callers with the same key share one task while it waits or runs. The key is secret-free, a MAC for instance. */
  singleFlight<T>(key: string, task: () => Promise<T>, source?: string): Promise<T>;
  /** Rejects what waits and what comes with `OverloadError`; running tasks end normally. */
  close(): void;
}

interface Waiting {
  start(): void;
  refuse(error: OverloadError): void;
}

const retryAfterSeconds = 5;

/** How many hashes leave libuv's four threads room for files and names: two, one on a small machine. */
export function defaultHashConcurrency(
  threadPoolSize: string | undefined = process.env.UV_THREADPOOL_SIZE,
  cores: number = availableParallelism(),
): 1 | 2 {
  return threadPoolSize === undefined && cores < 4 ? 1 : 2;
}

export function hashQueue(options: HashQueueOptions = {}): HashQueue {
  const concurrency = options.concurrency ?? defaultHashConcurrency();
  const waiting = fairQueue<Waiting>({ limit: options.limit ?? 32, perSource: options.perSource ?? 8 });
  const flights = new Map<string, Promise<unknown>>();
  let running = 0;
  let closed = false;

  const settled = (): void => {
    running--;
    waiting.shift()?.start();
  };

  const run = <T>(task: () => Promise<T>, source = ""): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const start = (): void => {
        running++;
        Promise.resolve().then(task).then(resolve, reject).finally(settled);
      };
      if (closed) return reject(new OverloadError("The hash queue is closed.", retryAfterSeconds));
      if (running < concurrency) return start();
      const pushed = waiting.push(source, { start, refuse: reject });
      if (!pushed.accepted) reject(new OverloadError("The hash queue is full.", retryAfterSeconds));
      pushed.displaced?.refuse(new OverloadError("The hash queue is full.", retryAfterSeconds));
    });

  return {
    run,
    singleFlight<T>(key: string, task: () => Promise<T>, source?: string) {
      const flight = flights.get(key) as Promise<T> | undefined;
      if (flight !== undefined) return flight;
      const started = run(task, source).finally(() => flights.delete(key));
      flights.set(key, started);
      return started;
    },
    close() {
      closed = true;
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        next.refuse(new OverloadError("The hash queue is closed.", retryAfterSeconds));
      }
    },
  };
}
