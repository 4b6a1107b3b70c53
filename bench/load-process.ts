import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Load, Loaded, Order } from "./load.ts";

export interface LoadProcess {
  run(seconds: number, ...loads: readonly Load[]): Promise<readonly Loaded[]>;
  stop(): void;
}

/** Starts the process that makes load, on the last core where that can be said. */
export function startLoad(): LoadProcess {
  const child = fork(fileURLToPath(new URL("./load.mjs", import.meta.url)));
  pin(child.pid, "load");
  return {
    async run(seconds, ...loads) {
      const order: Order = { loads, seconds };
      child.send(order);
      const [results] = await once(child, "message");
      return results as readonly Loaded[];
    },
    stop: () => void child.kill(),
  };
}

/** Keeps the load off the server's cores. False where the system cannot, or there is but one core. */
export function pin(pid: number | undefined, role: "server" | "load"): boolean {
  const last = availableParallelism() - 1;
  if (last === 0 || pid === undefined) return false;
  const cores = role === "load" ? `${last}` : `0-${last - 1}`;
  try {
    execFileSync("taskset", ["-a", "-p", "-c", cores, `${pid}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
