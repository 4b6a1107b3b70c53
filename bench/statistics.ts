/** The value below which this part of the numbers lies; `part` is 0 to 1. Of no numbers, infinite. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * part) - 1));
  return sorted[index] ?? Number.POSITIVE_INFINITY;
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** Wall and CPU time of one request, in microseconds. */
export interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

type Chunk = () => Promise<void> | void;

export interface InterleaveOptions {
  /** How many requests a chunk makes. */
  readonly size: number;
  readonly warmUpRounds: number;
  /** No round begins after this time, but there are 10 at least. */
  readonly seconds: number;
}

/**
 * Costs of chunks, by name, from rounds in which each has its turn. Every other round goes backwards, so that none
 * always follows the same one.
 */
export async function interleave<Name extends string>(
  chunks: Readonly<Record<Name, Chunk>>,
  { size, warmUpRounds, seconds }: InterleaveOptions,
): Promise<Readonly<Record<Name, readonly Cost[]>>> {
  const names = Object.keys(chunks) as Name[];
  const costs = Object.fromEntries(names.map((name) => [name, [] as Cost[]])) as Record<Name, Cost[]>;
  const end = performance.now() + seconds * 1000;
  for (let round = -warmUpRounds; round < 10 || performance.now() < end; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const cost = await costOf(chunks[name], size);
      if (round >= 0) costs[name].push(cost);
    }
  }
  return costs;
}

async function costOf(chunk: Chunk, size: number): Promise<Cost> {
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  await chunk();
  const wall = Number(process.hrtime.bigint() - before) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return { wall: wall / size, cpu: (cpu.user + cpu.system) / size };
}

/** Median of the ratios of what was measured in the same round. */
export function medianRatio(costs: readonly Cost[], base: readonly Cost[], kind: keyof Cost = "cpu"): number {
  return median(costs.map((cost, round) => cost[kind] / (base[round] as Cost)[kind]));
}

/** Median of the differences within a round. */
export function medianAdded(costs: readonly Cost[], base: readonly Cost[], kind: keyof Cost = "cpu"): number {
  return median(costs.map((cost, round) => cost[kind] - (base[round] as Cost)[kind]));
}
