import type { Client, ClientBase, ClientConfig } from "pg";
import { StoreError } from "../../lib/errors.ts";

export type Driver = typeof import("pg");

/** Loaded on first use: who has no such store needs no client. */
export async function loadDriver(): Promise<Driver> {
  try {
    return await import("pg");
  } catch {
    throw new StoreError("unreachable", "The package pg, which connects to PostgreSQL, is not installed.");
  }
}

export async function connectClient({ Client }: Driver, config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  // Its end tells the same.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    cut(client);
    throw error;
  }
}

export const farewellMs = 500;

/** Takes leave of the server, and does not wait long for its answer. */
export async function dismiss(client: Client): Promise<void> {
  const timer = setTimeout(() => cut(client), farewellMs).unref();
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

export function cut(client: ClientBase): void {
  (client as Client).connection.stream.destroy();
}
