import autocannon from "autocannon";
import { quantile } from "./statistics.ts";

/** Requests from so many connections that are kept open, each sending its next request when it has its answer. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers of one request after the other. The connections share them out: none is sent twice. */
  readonly inTurn?: readonly Readonly<Record<string, string>>[];
}

export interface Loaded {
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
  /** How many answers had each status; 0 stands for none at all. */
  readonly statuses: Readonly<Record<number, number>>;
}

/** Makes these loads at once. */
export interface Order {
  readonly loads: readonly Load[];
  readonly seconds: number;
}

// The process that makes the load, away from the server's: asked by messages.
if (process.send) {
  process.on("message", async ({ loads, seconds }: Order) => {
    process.send?.(await Promise.all(loads.map((load) => run(load, seconds))));
  });
}

async function run({ url, connections, headers = {}, inTurn }: Load, seconds: number): Promise<Loaded> {
  const latencies: number[] = [];
  const statuses: Record<number, number> = {};
  let connection = 0;
  const setupClient = (client: autocannon.Client) => {
    const own = inTurn?.filter((_, i) => i % connections === connection).map((more) => ({ headers: more }));
    connection++;
    if (own) client.setRequests(own);
  };
  const options = { url, connections, headers, duration: seconds, timeout: 20, setupClient };
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(options, (error, outcome) => (error ? reject(error) : resolve(outcome)));
    instance.on("response", (_client, status, _bytes, latency) => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      latencies.push(latency);
    });
  });
  if (result.errors > 0) statuses[0] = result.errors;
  return { rate: latencies.length / result.duration, p99: quantile(latencies, 0.99), statuses };
}
