/** What became of a push: a full queue gives a place to a source with few by taking the last one of a source with many. */
export interface Pushed<T> {
  readonly accepted: boolean;
  readonly displaced?: T;
}

/** A bounded queue whose sources take turns; first in, first out within a source. */
export interface FairQueue<T> {
  push(source: string, item: T): Pushed<T>;
  shift(): T | undefined;
}

export interface FairQueueOptions {
  readonly limit: number;
  readonly perSource: number;
}

export function fairQueue<T>({ limit, perSource }: FairQueueOptions): FairQueue<T> {
  /** Sources with something waiting, the one whose turn it is first. */
  const sources = new Map<string, T[]>();
  let size = 0;

  /** The last item of the source that has most, if that leaves it no fewer than a source with `own` and one more. */
  const displace = (own: number): T | undefined => {
    const items = longest(sources.values());
    if (items.length <= own + 1) return undefined;
    size--;
    return items.pop();
  };

  return {
    push(source, item) {
      const own = sources.get(source) ?? [];
      if (own.length >= perSource) return { accepted: false };
      const displaced = size < limit ? undefined : displace(own.length);
      if (size >= limit) return { accepted: false };
      own.push(item);
      sources.set(source, own);
      size++;
      return displaced === undefined ? { accepted: true } : { accepted: true, displaced };
    },
    shift() {
      const next = sources.entries().next().value;
      if (next === undefined) return undefined;
      const [source, items] = next;
      const item = items.shift() as T;
      size--;
      sources.delete(source);
      if (items.length > 0) sources.set(source, items);
      return item;
    },
  };
}

function longest<T>(lists: Iterable<T[]>): T[] {
  let found: T[] = [];
  for (const list of lists) {
    if (list.length > found.length) found = list;
  }
  return found;
}
