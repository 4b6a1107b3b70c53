import { StoreError } from "../../lib/errors.ts";
import { parseMarker } from "../marker.ts";
import { type Argument, type Client, makeClient } from "./client.ts";
import { storeFault } from "./faults.ts";
import type { Keys } from "./keys.ts";
import type { Target } from "./options.ts";
import type { Script } from "./script.ts";
import { readServer, requirePrimary, type Server } from "./server.ts";
import { openScript } from "./state-scripts.ts";

/** Runs a script, with the marker's key and text before the others. */
export type Run = (script: Script, keys: readonly string[], values: readonly Argument[]) => Promise<unknown>;

/** One connection to an opened store, until it ends. Whatever it rejects with is a fault of the store. */
export interface Connection extends Server {
  readonly run: Run;
  readonly storeId: string;
  /** Resolves with the reason once the connection is of no more use. */
  readonly ended: Promise<Error>;
  /** Ends it when the server has become a copy of another. */
  checkRole(): Promise<void>;
  /** Waits for the answers that are still to come. */
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly target: Target;
  readonly keys: Keys;
  /** Id of the store that was there before. */
  readonly seen: string | undefined;
  /** Marker for a new store. */
  readonly fresh: string;
  readonly onMessage: (message: string) => void;
  /** Gives up, as long as it is not open. */
  readonly signal: AbortSignal;
}

export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { target, keys, signal } = options;
  const line = await openLine(target);
  const giveUp = () => line.end(new StoreError("closed", "The store is closed."));
  signal.addEventListener("abort", giveUp);
  try {
    signal.throwIfAborted();
    await line.connect();
    const server = readServer(await line.ask(["INFO"]));
    const marker = await examine(line, options);
    await line.subscribe(keys.channel, options.onMessage);
    const run: Run = (script, names, values) => line.run(script, [keys.marker, ...names], [marker.text, ...values]);
    const checkRole = async () => {
      const info = await line.ask(["INFO", "replication"]);
      line.attempt(() => requirePrimary(info));
    };
    return { ...server, run, storeId: marker.storeId, ended: line.ended, checkRole, close: line.close };
  } catch (error) {
    line.end(error as Error);
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** Finds the store that was there before, or any if there was none; begins one where nothing is yet. */
async function examine(line: Line, { keys, seen, fresh }: ConnectionOptions) {
  const { marker, initialise, records, ids, digests, sequence, changes } = keys;
  const names = [marker, initialise, ...Object.values(records), ...Object.values(ids), digests, sequence, changes];
  const text = String(await line.run(openScript, names, [fresh, seen === undefined ? "" : "seen"]));
  const { storeId, replaces } = parseMarker(text);
  if (seen === undefined || storeId === seen || replaces === seen) return { text, storeId };
  throw new StoreError("missing", "The store that was in Redis is gone: another is in its place.");
}

/** A client of which every question is answered in time, or it ends. */
interface Line {
  readonly ended: Promise<Error>;
  connect(): Promise<void>;
  ask(words: readonly Argument[]): Promise<unknown>;
  run(script: Script, keys: readonly string[], values: readonly Argument[]): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  /** Ends when the action throws. */
  attempt(action: () => void): void;
  end(reason: Error): void;
  close(): Promise<void>;
}

async function openLine(target: Target): Promise<Line> {
  const client = await makeClient(target);
  const { ended, end, reason } = ending(client);
  const inTime = async <T>(action: () => Promise<T>): Promise<T> => {
    const late = () => end(new StoreError("unreachable", `Redis did not answer within ${target.timeoutMs} ms.`));
    const timer = setTimeout(late, target.timeoutMs);
    try {
      return await action();
    } catch (error) {
      throw storeFault(reason() ?? error);
    } finally {
      clearTimeout(timer);
    }
  };
  const ask: Line["ask"] = (words) => inTime(() => client.sendCommand(words));
  return {
    ended,
    end,
    ask,
    // A client that is destroyed while it connects leaves this promise as it is.
    connect: () =>
      inTime(async () => void (await Promise.race([client.connect(), ended.then((why) => Promise.reject(why))]))),
    subscribe: (channel, listener) => inTime(async () => void (await client.subscribe(channel, listener))),
    async run({ sha1, text }, keys, values) {
      const rest = [String(keys.length), ...keys, ...values];
      const run = () => client.sendCommand(["EVALSHA", sha1, ...rest]);
      const teach = () => client.sendCommand(["EVAL", text, ...rest]);
      try {
        return await inTime(() =>
          run().catch((error: Error) => (isUnknownScript(error) ? teach() : Promise.reject(error))),
        );
      } catch (error) {
        // What is in Redis is not the store any more: look again, from the beginning.
        if (error instanceof StoreError && error.code === "missing") end(error);
        throw error;
      }
    },
    attempt(action) {
      try {
        action();
      } catch (error) {
        end(error as Error);
        throw error;
      }
    },
    async close() {
      await inTime(async () => void (await client.close())).catch(() => undefined);
      end(new StoreError("closed", "The store is closed."));
    },
  };
}

function isUnknownScript({ message }: Error): boolean {
  return message.startsWith("NOSCRIPT");
}

function ending(client: Client) {
  let why: Error | undefined;
  let settle: (reason: Error) => void = () => undefined;
  const ended = new Promise<Error>((resolve) => {
    settle = resolve;
  });
  const end = (reason: Error) => {
    if (why !== undefined) return;
    why = reason;
    client.destroy();
    settle(storeFault(reason));
  };
  client.on("error", end);
  return { ended, end, reason: () => why };
}
