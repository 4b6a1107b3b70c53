import assert from "node:assert/strict";
import { createClient } from "redis";
import type { Store } from "../../lib/store.ts";
import { type RedisStoreOptions, redisStore } from "../../stores/redis.ts";

/** What a store told its operator: "away: CODE", "back", "warn: TEXT". */
export interface Watched {
  readonly store: Store;
  readonly told: string[];
}

/** A store with a short time-out that writes down what it reports. */
export function watched(options: Omit<RedisStoreOptions, "now" | "reports">): Watched {
  const told: string[] = [];
  const reports = {
    away: ({ code }: { readonly code: string }) => void told.push(`away: ${code}`),
    back: () => void told.push("back"),
    warn: (text: string) => void told.push(`warn: ${text}`),
  };
  return { store: redisStore({ timeoutMs: 500, ...options, now: Date.now, reports }), told };
}

/** Runs a command as a person with redis-cli would. */
export async function redisCommand(url: string, ...words: readonly string[]): Promise<unknown> {
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await client.sendCommand(words);
  } finally {
    client.destroy();
  }
}

export async function until(condition: () => unknown, withinMs = 5_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    assert.ok(performance.now() < end, `not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether the store says that it can answer. */
export function isReady(store: Store): Promise<boolean> {
  return store.ready().then(
    () => true,
    () => false,
  );
}
