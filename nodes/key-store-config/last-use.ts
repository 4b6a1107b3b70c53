import type { Store } from "../../lib/store.ts";
import { type UsageLog, usageLog } from "../../lib/usage.ts";

const everyMs = 10_000;
/** Uses of one transaction: a store is not to be busy with them for long. */
const batchSize = 200;

export interface LastUse {
  /** Writes what is left before it closes. */
  readonly store: Store;
  /** Absent for entries of the dialog, which have nowhere to keep it. */
  readonly usage: UsageLog | undefined;
}

/** Writes last uses behind, every ten seconds, off the way of requests. A store that is away gets them when it is back. */
export function keepingLastUse(store: Store, now: () => number, intervalMs = everyMs): LastUse {
  if (store.backend === "credentials") return { store, usage: undefined };
  const usage = usageLog({ now });
  let writing: Promise<void> = Promise.resolve();
  const write = (all: boolean) => {
    writing = writing.then(() => writeDue(store, usage, all));
    return writing;
  };
  const timer = setInterval(() => void write(false), intervalMs).unref();
  const close = async () => {
    clearInterval(timer);
    await write(true);
    await store.close();
  };
  return { store: { ...store, close }, usage };
}

async function writeDue(store: Store, usage: UsageLog, all: boolean): Promise<void> {
  const uses = usage.due(all);
  for (let start = 0; start < uses.length; start += batchSize) {
    const batch = uses.slice(start, start + batchSize);
    // The store itself says what is wrong with it.
    await store.touch(batch).catch(() => usage.failed(batch));
  }
}
