import { StoreError } from "../../lib/errors.ts";

/** What the server says of itself. */
export interface Server {
  /** Another one after each start. */
  readonly runId: string;
  readonly warnings: readonly string[];
}

/**
 * Reads the answer to INFO.
 * @throws StoreError for a server that must not or cannot hold a store.
 */
export function readServer(info: unknown): Server {
  const fields = fieldsOf(info);
  requirePrimary(fields);
  if (fields.get("cluster_enabled") === "1") {
    throw new StoreError("unreachable", "This is a node of a Redis Cluster, which is not supported.");
  }
  return { runId: fields.get("run_id") ?? "", warnings: [...weaknesses(fields)] };
}

/** @throws StoreError when the server is a copy of another: what was revoked there may not have arrived here. */
export function requirePrimary(info: unknown): void {
  const fields = info instanceof Map ? info : fieldsOf(info);
  if (fields.get("role") !== "master") {
    throw new StoreError("unreachable", "Redis is a read-only copy here: connect to the primary.");
  }
}

function fieldsOf(info: unknown): ReadonlyMap<string, string> {
  const pairs = String(info).matchAll(/^(\w+):(.*?)\r?$/gm);
  return new Map(Array.from(pairs, ([, name = "", value = ""]) => [name, value]));
}

function* weaknesses(fields: ReadonlyMap<string, string>): Generator<string> {
  const policy = fields.get("maxmemory_policy");
  if (policy !== "noeviction") {
    yield `Redis may throw keys away when its memory is full: set maxmemory-policy to noeviction (it is ${policy}).`;
  }
  if (fields.get("aof_enabled") !== "1") {
    yield "Redis forgets in a crash what was changed since its last snapshot, revocations too: set appendonly to yes.";
  }
}
