import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigError, StoreError } from "../lib/errors.ts";
import type { StoreOptions } from "../stores/open.ts";
import { UsageError } from "./command.ts";
import type { Terminal } from "./terminal.ts";

const defaultAddress = "embedded:./gatehouse";

export interface StorePlace {
  /** As `--store` has it. */
  readonly address: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** A folder that is not there is no store yet. */
  readonly begins: boolean;
  readonly terminal: Terminal;
}

/**
 * The store that `--store`, the variable GATEHOUSE_STORE or the current folder names. Throws a `UsageError` for an
 * address that is none, and a `StoreError` where there is no store.
 */
export function storeOptionsOf(place: StorePlace): StoreOptions<"embedded" | "redis" | "postgres"> {
  const address = place.address ?? place.env.GATEHOUSE_STORE ?? defaultAddress;
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === "embedded") return embedded(address.replace(/^embedded:/i, ""), place);
  if (scheme === "redis" || scheme === "rediss") return server("redis", "prefix", address, place);
  if (scheme === "postgres" || scheme === "postgresql") return server("postgres", "schema", address, place);
  throw new UsageError("--store takes embedded:FOLDER, redis://…, rediss://… or postgres://…");
}

function embedded(path: string, { begins }: StorePlace): StoreOptions<"embedded"> {
  if (path === "") throw new UsageError("--store names no folder.");
  const folder = resolve(path);
  if (!begins && !existsSync(folder)) throw new StoreError("missing", `There is no store in ${folder}.`);
  return { backend: "embedded", folder, now: Date.now };
}

/** Part of the address that the store takes beside it: which of several stores on the server. */
function server<B extends "redis" | "postgres">(
  backend: B,
  part: "prefix" | "schema",
  address: string,
  { env, terminal }: StorePlace,
): StoreOptions<B> {
  if (!URL.canParse(address)) throw new UsageError("The address of the store is none.");
  const url = new URL(address);
  const value = url.searchParams.get(part);
  url.searchParams.delete(part);
  const password = env.GATEHOUSE_STORE_PASSWORD;
  return {
    backend,
    url: url.href,
    now: Date.now,
    ...(value && { [part]: value }),
    ...(password && { password }),
    reports: { away: () => undefined, back: () => undefined, warn: (message: string) => terminal.say(message) },
  } as unknown as StoreOptions<B>;
}

/** What a store, or the command line, has to say of what went wrong. */
export function exitCodeOf(error: unknown): 1 | 2 | 3 {
  if (error instanceof UsageError || error instanceof ConfigError) return 2;
  return error instanceof StoreError && error.code !== "read-only" ? 3 : 1;
}
