import { type FSWatcher, watch } from "node:fs";
import type { RecordKind } from "../../lib/records.ts";
import type { Change } from "../../lib/store.ts";
import type { Environment } from "./environment.ts";

type Listener = (change: Change) => void;

/** How many changes are kept for processes that have not yet heard of them. */
const kept = 10_000;
const pollMs = 200;
const counterKey = Buffer.from("last-change");

/** Notes a change, within the transaction that makes it. */
export function noteChange({ root, changes }: Environment, kind: RecordKind, id: string): void {
  const number = lastChange(root) + 1;
  changes.putSync(changeKey(number), JSON.stringify([kind, id]));
  changes.removeSync(changeKey(number - kept));
  root.putSync(counterKey, String(number));
}

function lastChange(root: Environment["root"]): number {
  return Number(root.get(counterKey) ?? 0);
}

function changeKey(number: number): Buffer {
  const key = Buffer.alloc(8);
  if (number > 0) key.writeBigUInt64BE(BigInt(number));
  return key;
}

export interface Changes {
  /** Tells the listeners what is new. Called after each change of this process, and whenever another may have made one. */
  announce(): void;
  subscribe(listener: Listener): () => void;
  close(): void;
}

/**
 * Watches an open store for changes: the file for those of other processes, and a number in it every 200 ms, as not
 * every file system tells.
 */
export function watchChanges(environment: Environment): Changes {
  const { root } = environment;
  const listeners = new Set<Listener>();
  let announced = lastChange(root);
  let closed = false;
  const announce = () => {
    if (closed) return;
    for (const change of news()) for (const listener of listeners) listener(change);
  };
  const news = (): readonly Change[] => {
    try {
      root.resetReadTxn();
      const first = announced + 1;
      const last = lastChange(root);
      const found = [...changesBetween(environment, first, last)];
      announced = last;
      return found;
    } catch {
      // The next look tries again, and what broke shows in the next request that needs the store.
      return [];
    }
  };
  const timer = setInterval(announce, pollMs).unref();
  const watcher = watchFile(environment.dataPath, announce);
  return {
    announce,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closed = true;
      clearInterval(timer);
      watcher?.close();
    },
  };
}

/** Changes that are no longer kept are told as one of each kind. */
function* changesBetween({ changes }: Environment, first: number, last: number): Generator<Change> {
  if (last - first >= kept) {
    yield { kind: "key" };
    yield { kind: "user" };
    return;
  }
  for (let number = first; number <= last; number += 1) {
    const [kind, id] = JSON.parse(changes.get(changeKey(number)) ?? "null") as [RecordKind, string];
    yield { kind, id };
  }
}

function watchFile(path: string, onWrite: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, onWrite);
    // The timer remains.
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
