import { type Bucket, takeFrom } from "../gcra.ts";
import type { Quota, Taken } from "../store.ts";
import { type CounterTable, counterTable } from "./counter-table.ts";
import { halfSipHash } from "./half-sip-hash.ts";

/** Counters of this process alone, gone when it ends. */
export interface LocalCounters {
  /** As `Store#take`, at once. */
  take(name: string, quota: Quota, cost: number, now: number): Taken;
  /** Counters that are remembered. */
  size(): number;
  /** Memory that they take. */
  bytes(): number;
}

export interface LocalCountersOptions {
  /** 8 random bytes, so that nobody can choose names that fall together. */
  readonly key: Uint8Array;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Counters remembered at most; 1,000,000 by default, which takes 64 MiB. Room is only taken as it is needed. */
  readonly most?: number;
}

/**
 * Counts in tables of numbers: 43 to 96 bytes a counter, from the first thousand on. When `most` are in use, the one of
 * eight random counters that would be full again first makes room: those who flood with new names push out their own,
 * which hold one request each, and hardly ever one that is used up.
 */
export function localCounters({ key, random, most = 1_000_000 }: LocalCountersOptions): LocalCounters {
  const hashed = new Uint32Array(2);
  const hash = halfSipHash(key, hashed);
  let table: CounterTable = counterTable(1024);

  function makeRoom(now: number): void {
    if (table.size() >= most) table.dropFirstFull(8, random);
    if (table.size() * 4 < table.slots * 3) return;
    let live = 1;
    table.eachLive(now, () => live++);
    const copy = counterTable(slotsFor(live));
    table.eachLive(now, copy.add);
    table = copy;
  }

  return {
    take(name, quota, cost, now) {
      hash(name);
      const low = hashed[0] as number;
      // Never 0, which marks an empty slot.
      const high = ((hashed[1] as number) | 1) >>> 0;
      const slot = table.find(low, high);
      const kept: Bucket | undefined = table.read(slot);
      const { bucket, fullAt, taken } = takeFrom(kept, quota, cost, now);
      if (bucket === undefined) return taken;
      if (kept === undefined) {
        makeRoom(now);
        table.add(low, high, bucket, fullAt);
      } else {
        table.write(slot, bucket, fullAt);
      }
      return taken;
    },
    size: () => table.size(),
    bytes: () => table.bytes,
  };
}

/** At least a third of the slots is in use, so that no counter takes more than 96 bytes, and at most two thirds. */
function slotsFor(live: number): number {
  let slots = 1024;
  while (live * 3 > slots * 2) slots *= 2;
  return slots;
}
