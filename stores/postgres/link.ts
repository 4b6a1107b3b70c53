import { setTimeout as rest } from "node:timers/promises";
import type { Client, Notification } from "pg";
import type { StoreError } from "../../lib/errors.ts";
import { dismiss } from "./client.ts";
import { asFault, hasCode } from "./faults.ts";

export interface LinkOptions {
  /** A new connection; rejects with the reason why there is none. */
  readonly connect: () => Promise<Client>;
  /** Asks whether the store is there and usable; rejects with the fault when it is not. */
  readonly check: (client: Client) => Promise<void>;
  readonly channel: string;
  readonly onNotice: (payload: string) => void;
  /** Whether notices arrive. */
  readonly onListening: (listening: boolean) => void;
  /** After each check: undefined when the store can be used. */
  readonly onState: (fault: StoreError | undefined) => void;
}

export interface Link {
  /** Something went wrong elsewhere: check now. */
  suspect(): void;
  close(): Promise<void>;
}

const checkEveryMs = 5_000;
const longestRestMs = 2_000;
const shortestRestMs = 50;

/** Keeps one connection for notices, and by it knows whether the server can be reached; comes back by itself. */
export function startLink(options: LinkOptions): Link {
  const ending = new AbortController();
  const alarm = alarmClock(ending.signal);
  const run = async () => {
    let restMs = shortestRestMs;
    while (!ending.signal.aborted) {
      const wasUp = await hold(options, alarm, ending.signal);
      restMs = wasUp ? shortestRestMs : Math.min(longestRestMs, restMs * 2);
      // Not all at once, when many processes have lost one server.
      await rest(restMs * (0.5 + Math.random() / 2), undefined, { ref: false, signal: ending.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    suspect: alarm.ring,
    close() {
      ending.abort();
      return running;
    },
  };
}

interface Alarm {
  ring(): void;
  /** Waits for so long, or until the alarm rings, `over` settles, or the end. */
  wait(ms: number, over: Promise<unknown>): Promise<void>;
}

function alarmClock(signal: AbortSignal): Alarm {
  let ring = () => {};
  signal.addEventListener("abort", () => ring());
  return {
    ring: () => ring(),
    async wait(ms, over) {
      const { promise, resolve } = resolvable();
      const timer = setTimeout(resolve, ms).unref();
      ring = resolve;
      if (signal.aborted) resolve();
      await Promise.race([promise, over]);
      clearTimeout(timer);
    },
  };
}

function resolvable(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** One connection from its beginning to its end; true when the store could be used. */
async function hold(options: LinkOptions, alarm: Alarm, signal: AbortSignal): Promise<boolean> {
  let client: Client | undefined;
  let wasUp = false;
  try {
    client = await options.connect();
    await options.check(client);
    wasUp = true;
    options.onState(undefined);
    await attend(options, client, alarm, signal);
  } catch (error) {
    if (!signal.aborted) options.onState(asFault(error));
  }
  if (client !== undefined) await dismiss(client);
  return wasUp;
}

async function attend(options: LinkOptions, client: Client, alarm: Alarm, signal: AbortSignal): Promise<void> {
  let over = false;
  const end = new Promise<void>((resolve) => client.once("end", resolve)).then(() => {
    over = true;
  });
  client.on("notification", ({ payload }: Notification) => options.onNotice(payload ?? ""));
  const listening = await listen(client, options.channel);
  if (listening) options.onListening(true);
  try {
    for (let looks = 0; listening || looks === 0; looks += 1) {
      await alarm.wait(checkEveryMs, end);
      if (over || signal.aborted) return;
      await options.check(client);
      options.onState(undefined);
    }
  } finally {
    client.removeAllListeners("notification");
    if (listening) options.onListening(false);
  }
}

/** A standby cannot announce anything: then it is left soon, as its address may lead to another server. */
async function listen(client: Client, channel: string): Promise<boolean> {
  try {
    await client.query(`LISTEN "${channel}"`);
    return true;
  } catch (error) {
    if (hasCode(error, "25006", "0A000")) return false;
    throw error;
  }
}
