/**
 * Finds the entry of a map that was set longest ago, where each entry is deleted before it is set again and each value is
 * one of its own. Goes on where it was last: a map keeps the places of what was deleted for a while, and who begins at
 * the front each time walks over all of them.
 */
export function oldestIn<K, V>(map: ReadonlyMap<K, V>): () => readonly [K, V] | undefined {
  let entries = map.entries();
  let last: readonly [K, V] | undefined;
  return () => {
    while (map.size > 0) {
      if (last !== undefined && map.get(last[0]) === last[1]) return last;
      const next = entries.next();
      if (next.done) entries = map.entries();
      last = next.value;
    }
    return undefined;
  };
}
