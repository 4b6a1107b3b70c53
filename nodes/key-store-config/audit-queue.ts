import type { AuditEvent } from "../../lib/audit/event.ts";
import { type ChainedFile, type ChainedFileOptions, chainedFile } from "./chained-file.ts";

export interface QueueOptions extends ChainedFileOptions {
  /** Told once when lines cannot be written any more. */
  readonly onFault: (error: Error) => void;
  /** Told when they can again, and how many were lost meanwhile. */
  readonly onRecovery: (lost: number) => void;
}

interface Queue extends QueueOptions {
  readonly file: ChainedFile;
  waiting: AuditEvent[];
  lost: number;
  state: "opening" | "writing" | "failing";
  retryMs: number;
  timer: NodeJS.Timeout | undefined;
  running: Promise<void> | undefined;
}

const FLUSH_MS = 100;
const BATCH = 500;
/** Events that wait in memory; beyond them the oldest are lost, and counted. */
const QUEUE_LIMIT = 10_000;
const DROPPED_AT_ONCE = 500;
const RETRY_MS = 1000;
const RETRY_LIMIT_MS = 30_000;
const CLOSE_LIMIT_MS = 2000;

/** Events on their way to a file, in batches and off the request's path. While none can be written the latest are kept. */
export function auditQueue(options: QueueOptions) {
  const queue: Queue = {
    ...options,
    file: chainedFile(options),
    waiting: [],
    lost: 0,
    state: "opening",
    retryMs: RETRY_MS,
    timer: undefined,
    running: undefined,
  };
  void flush(queue);
  return {
    push(event: AuditEvent): void {
      if (queue.waiting.length >= QUEUE_LIMIT) queue.lost += queue.waiting.splice(0, DROPPED_AT_ONCE).length;
      queue.waiting.push(event);
      flushIn(queue, FLUSH_MS);
    },
    isWritable: () => queue.state === "writing" && queue.waiting.length < QUEUE_LIMIT / 2,
    close: () => close(queue),
  };
}

function flushIn(queue: Queue, ms: number): void {
  queue.timer ??= setTimeout(() => {
    queue.timer = undefined;
    void flush(queue);
  }, ms).unref();
}

/** One at a time: lines are chained. */
function flush(queue: Queue): Promise<void> {
  queue.running ??= writeSome(queue).finally(() => {
    queue.running = undefined;
    if (queue.state === "failing") flushIn(queue, queue.retryMs);
    else if (queue.waiting.length > 0) flushIn(queue, 0);
  });
  return queue.running;
}

async function writeSome(queue: Queue): Promise<void> {
  const { lost } = queue;
  const batch = queue.waiting.slice(0, BATCH);
  const { written, error } = await queue.file.append(lost > 0 ? [lostEvent(queue), ...batch] : batch);
  const noted = lost > 0 && written > 0 ? 1 : 0;
  // Of those written, the oldest may have been dropped from the queue meanwhile: they are not lost.
  const saved = Math.min(queue.lost - lost, written - noted);
  queue.waiting = queue.waiting.slice(written - noted - saved);
  queue.lost -= noted * lost + saved;
  if (error) fail(queue, error);
  else succeed(queue, lost);
}

function fail(queue: Queue, error: Error): void {
  const wasFailing = queue.state === "failing";
  queue.retryMs = wasFailing ? Math.min(queue.retryMs * 2, RETRY_LIMIT_MS) : RETRY_MS;
  queue.state = "failing";
  if (!wasFailing) queue.onFault(error);
}

function succeed(queue: Queue, lost: number): void {
  const wasFailing = queue.state === "failing";
  queue.state = "writing";
  if (wasFailing) queue.onRecovery(lost);
}

function lostEvent({ now, lost }: Queue): AuditEvent {
  return { time: new Date(now()).toISOString(), event: "audit.lost", result: "noted", count: lost };
}

async function close(queue: Queue): Promise<void> {
  const end = performance.now() + CLOSE_LIMIT_MS;
  await queue.running;
  while (queue.waiting.length > 0 && queue.state !== "failing" && performance.now() < end) await flush(queue);
  clearTimeout(queue.timer);
  await queue.file.close();
}
