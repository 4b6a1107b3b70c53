/**
 * A clock in milliseconds since the epoch that never goes back: it follows the wall clock forward, and where that is set
 * back it goes on by the monotonic one. For counters that several processes share, whose times must be comparable.
 */
export function steadyClock(wall: () => number, monotonic: () => number): () => number {
  let latest = Number.NEGATIVE_INFINITY;
  let latestAt = monotonic();
  return () => {
    const at = monotonic();
    latest = Math.max(wall(), latest + (at - latestAt));
    latestAt = at;
    return latest;
  };
}
