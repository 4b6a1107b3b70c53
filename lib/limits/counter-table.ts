import type { Bucket } from "../gcra.ts";

/** Buckets by a hash of 64 bits, in arrays of numbers. */
export interface CounterTable {
  readonly slots: number;
  readonly bytes: number;
  size(): number;
  /** The slot of this hash, or the empty one where it would go. */
  find(low: number, high: number): number;
  /** Undefined for an empty slot. */
  read(slot: number): Bucket | undefined;
  write(slot: number, bucket: Bucket, fullAt: number): void;
  /** A hash that is not there yet. At least one slot must be empty, and stay so. */
  add(low: number, high: number, bucket: Bucket, fullAt: number): void;
  /** Goes through all that is not full again yet. */
  eachLive(now: number, visit: (low: number, high: number, bucket: Bucket, fullAt: number) => void): void;
  /** Drops the one of `sample` random buckets that will be full again first. The table must not be empty. */
  dropFirstFull(sample: number, random: () => number): void;
}

/** A hash table with open addressing and linear probing. @param slots a power of two. */
export function counterTable(slots: number): CounterTable {
  const cells = cellsOf(slots);
  const { isEmpty, fullAt } = cells;
  let used = 0;

  function find(low: number, high: number): number {
    let slot = cells.home(low);
    while (!isEmpty(slot) && !cells.isTagged(slot, low, high)) slot = cells.next(slot);
    return slot;
  }

  /** Closes the gap, so that no probe ends before what it looks for (Knuth, TAOCP 6.4, algorithm R). */
  function remove(gap: number): void {
    let hole = gap;
    for (let slot = cells.next(hole); !isEmpty(slot); slot = cells.next(slot)) {
      if (!cells.mayMove(slot, hole)) continue;
      cells.move(slot, hole);
      hole = slot;
    }
    cells.empty(hole);
    used--;
  }

  function randomSlot(random: () => number): number {
    let slot = Math.floor(random() * slots);
    while (isEmpty(slot)) slot = cells.next(slot);
    return slot;
  }

  return {
    ...{ slots, bytes: cells.bytes, find },
    size: () => used,
    read: (slot) => (isEmpty(slot) ? undefined : cells.read(slot)),
    write: cells.write,
    add(low, high, bucket, end) {
      const slot = find(low, high);
      cells.tag(slot, low, high);
      cells.write(slot, bucket, end);
      used++;
    },
    eachLive(now, visit) {
      for (let slot = 0; slot < slots; slot++) {
        if (isEmpty(slot) || fullAt(slot) <= now) continue;
        visit(cells.low(slot), cells.high(slot), cells.read(slot), fullAt(slot));
      }
    },
    dropFirstFull(sample, random) {
      let first = randomSlot(random);
      for (let i = 1; i < sample; i++) {
        const other = randomSlot(random);
        if (fullAt(other) < fullAt(first)) first = other;
      }
      remove(first);
    },
  };
}

/** The numbers of each slot. */
function cellsOf(slots: number) {
  const mask = slots - 1;
  /** Low and high word of the hash in turn; a high word of 0 marks an empty slot. */
  const tags = new Uint32Array(slots * 2);
  /** `at`, `debt` and `fullAt` in turn. */
  const numbers = new Float64Array(slots * 3);
  const low = (slot: number) => tags[slot * 2] as number;
  const high = (slot: number) => tags[slot * 2 + 1] as number;
  return {
    bytes: tags.byteLength + numbers.byteLength,
    low,
    high,
    home: (hash: number) => hash & mask,
    next: (slot: number) => (slot + 1) & mask,
    isEmpty: (slot: number) => high(slot) === 0,
    isTagged: (slot: number, l: number, h: number) => low(slot) === l && high(slot) === h,
    fullAt: (slot: number) => numbers[slot * 3 + 2] as number,
    read: (slot: number): Bucket => ({ at: numbers[slot * 3] as number, debt: numbers[slot * 3 + 1] as number }),
    tag(slot: number, l: number, h: number): void {
      tags[slot * 2] = l;
      tags[slot * 2 + 1] = h;
    },
    write(slot: number, { at, debt }: Bucket, end: number): void {
      numbers[slot * 3] = at;
      numbers[slot * 3 + 1] = debt;
      numbers[slot * 3 + 2] = end;
    },
    /** Whether a search that begins at home still finds it in the hole. */
    mayMove: (slot: number, hole: number) => ((slot - low(slot)) & mask) >= ((slot - hole) & mask),
    move(from: number, to: number): void {
      tags.copyWithin(to * 2, from * 2, from * 2 + 2);
      numbers.copyWithin(to * 3, from * 3, from * 3 + 3);
    },
    empty(slot: number): void {
      tags[slot * 2 + 1] = 0;
    },
  };
}
