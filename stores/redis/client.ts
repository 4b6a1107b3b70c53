import { StoreError } from "../../lib/errors.ts";
import type { Target } from "./options.ts";

export type Argument = string | Buffer;

/** What is used of the client library. */
export interface Client {
  connect(): Promise<unknown>;
  sendCommand(words: readonly Argument[]): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => unknown): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): unknown;
  close(): Promise<unknown>;
  destroy(): void;
}

/** Questions that wait for their answers at most. */
const mostWaiting = 10_000;

/** A client that does not reconnect by itself: what it knows of the server holds for one connection. */
export async function makeClient(target: Target): Promise<Client> {
  const { createClient } = await loadLibrary();
  const { host, port, database, username, password, tls, timeoutMs } = target;
  const common = { host, port, connectTimeout: timeoutMs, reconnectStrategy: false } as const;
  return createClient({
    RESP: 3,
    socket: tls === undefined ? common : { rejectUnauthorized: true, ...secureOf(tls), ...common, tls: true },
    database,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    commandsQueueMaxLength: mostWaiting,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled",
  });
}

function secureOf(tls: NonNullable<Target["tls"]>) {
  const { ca, ...others } = tls;
  return { ...others, ...(ca !== undefined && { ca: Array.isArray(ca) ? [...ca] : (ca as Argument) }) };
}

async function loadLibrary(): Promise<typeof import("redis")> {
  try {
    return await import("redis");
  } catch (error) {
    throw new StoreError("unreachable", 'The client for Redis is not installed: run "npm install redis" beside it.', {
      cause: error,
    });
  }
}
