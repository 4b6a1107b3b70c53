import { setTimeout as delay } from "node:timers/promises";
import { StoreError } from "../../lib/errors.ts";
import { newMarker } from "../marker.ts";
import type { StoreReports } from "../remote.ts";
import { type Connection, openConnection } from "./connection.ts";
import { storeFault } from "./faults.ts";
import { keysOf } from "./keys.ts";
import type { Target } from "./options.ts";

export interface LinkOptions {
  readonly target: Target;
  readonly now: () => number;
  readonly reports: StoreReports | undefined;
  readonly onMessage: (message: string) => void;
  readonly onUp: () => void;
  readonly onDown: () => void;
}

/** The way to a store: a connection, or the next attempt to make one. */
export interface Link {
  /** The connection; waits for the first attempt only, and rejects at once while there is none. */
  use(): Promise<Connection>;
  close(): Promise<void>;
}

const mostDelayMs = 2_000;
const firstDelayMs = 50;

/** Doubles up to 2 s; between the half of it and all, so that not all clients come at once. */
function delayOf(attempt: number): number {
  return Math.min(mostDelayMs, firstDelayMs * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
}

/** Stores that this process has seen, by where they are: none is begun in the place of one that is gone. */
const seen = new Map<string, string>();

/** Connects, and again whenever the connection is lost, until it is closed. */
export function openLink(options: LinkOptions): Link {
  const stop = new AbortController();
  const outage = reporter(options.reports);
  let connection: Connection | undefined;
  let fault: Error | undefined;
  const connect = async () => {
    try {
      connection = await openOnce(options, stop.signal);
    } catch (error) {
      fault = storeFault(error);
    }
  };
  let failures = 0;
  /** Until the connection ends, if there is one. */
  const live = async () => {
    if (connection === undefined) return;
    failures = 0;
    outage.back(connection.warnings);
    options.onUp();
    fault = await connection.ended;
    connection = undefined;
    options.onDown();
  };
  const keepConnected = async () => {
    while (!stop.signal.aborted) {
      await live();
      if (stop.signal.aborted) return;
      if (fault !== undefined) outage.away(fault);
      await delay(delayOf(failures), undefined, { ref: false, signal: stop.signal }).catch(() => undefined);
      failures += 1;
      await connect();
    }
  };
  const first = connect();
  const ended = first.then(keepConnected);
  return {
    async use() {
      if (!stop.signal.aborted) await first;
      if (stop.signal.aborted) throw new StoreError("closed", "The store is closed.");
      if (connection === undefined) throw fault;
      return connection;
    },
    async close() {
      stop.abort();
      await first;
      await connection?.close();
      await ended;
    },
  };
}

async function openOnce({ target, now, onMessage }: LinkOptions, signal: AbortSignal): Promise<Connection> {
  const keys = keysOf(target.prefix, target.database);
  const place = `${target.host}:${target.port}/${target.database} ${target.prefix}`;
  const known = seen.get(place);
  const fresh = JSON.stringify({ ...newMarker(now()), ...(known !== undefined && { replaces: known }) });
  const connection = await openConnection({ target, keys, seen: known, fresh, onMessage, signal });
  seen.set(place, connection.storeId);
  return connection;
}

/** Tells an outage once, and again when its reason becomes another. */
function reporter(reports: StoreReports | undefined) {
  const warned = new Set<string>();
  let told: string | undefined;
  return {
    away(error: Error) {
      const fault =
        error instanceof StoreError ? error : new StoreError("unreachable", error.message, { cause: error });
      if (told === fault.code) return;
      told = fault.code;
      reports?.away(fault);
    },
    back(warnings: readonly string[]) {
      if (told !== undefined) reports?.back();
      told = undefined;
      for (const warning of warnings) if (!warned.has(warning)) reports?.warn(warning);
      for (const warning of warnings) warned.add(warning);
    },
  };
}
