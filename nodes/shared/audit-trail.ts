import type { AuditEntry } from "../../lib/audit/event.ts";

type Listener = (entry: AuditEntry) => void;
/** Makes the entry when its turn has come, off the request's path. */
type Make = () => AuditEntry;

/** Entries made in one turn of the event loop. */
const TURN_LIMIT = 500;
/** Entries that wait; beyond them the newest are counted and not made. */
const QUEUE_LIMIT = 50_000;

const listeners = new Set<Listener>();
let queue: Make[] = [];
let next = 0;
let unmade = 0;
let scheduled = false;

/** Whether anybody listens. A decision that nobody wants to hear of costs this question. */
export function isHeard(): boolean {
  return listeners.size > 0;
}

/** Hears every decision and change of this process, in order. The listener must not throw. Returns what ends it. */
export function hear(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Tells all who listen, in a later turn of the event loop. */
export function tell(make: Make): void {
  if (listeners.size === 0) return;
  if (queue.length - next >= QUEUE_LIMIT) unmade++;
  else queue.push(make);
  if (scheduled) return;
  scheduled = true;
  setImmediate(turn);
}

/** Tells what waits at once: for whoever stops listening and wants to have heard everything. */
export function tellWaiting(): void {
  while (next < queue.length) tellSome();
}

function turn(): void {
  scheduled = false;
  tellSome();
  if (next >= queue.length) return;
  scheduled = true;
  setImmediate(turn);
}

function tellSome(): void {
  const end = Math.min(next + TURN_LIMIT, queue.length);
  while (next < end) pass((queue[next++] as Make)());
  if (next < queue.length) return;
  queue = [];
  next = 0;
  if (unmade > 0) pass(unmadeEntry());
}

function pass(entry: AuditEntry): void {
  for (const listener of listeners) listener(entry);
}

function unmadeEntry(): AuditEntry {
  const event = { time: new Date().toISOString(), event: "audit.unmade", result: "noted", count: unmade } as const;
  unmade = 0;
  return { event, source: "gatehouse" };
}
