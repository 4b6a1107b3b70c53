/** The time by the server's clock, on which all clients agree. */
export interface ServerClock {
  /** Takes the server's time, asked for at `askedAt` and heard at `heardAt` by the own clock. */
  learn(serverTime: number, askedAt: number, heardAt: number): void;
  /** @param now the same moment by the own clock. */
  at(now: number): number;
}

/** What clocks that are kept right differ by, and the way of a question takes. */
const noiseMs = 1_000;

export function serverClock(): ServerClock {
  let offset = 0;
  return {
    learn(serverTime, askedAt, heardAt) {
      const found = serverTime - (askedAt + heardAt) / 2;
      offset = Math.abs(found) < noiseMs ? 0 : found;
    },
    at: (now) => now + offset,
  };
}
