// A process that uses keys of a store all the time, and tells its parent when it saw each of them revoked.
import { openStore, type StoreOptions } from "../../../stores/open.ts";

const { options, ids } = JSON.parse(process.argv[2] ?? "") as {
  readonly options: Omit<StoreOptions, "now">;
  readonly ids: readonly string[];
};
const store = openStore({ ...options, now: Date.now } as StoreOptions);
/** The system's monotonic clock, the same for all processes. */
const seenAt = new Map<string, bigint>();
let reads = 0;
let isOver = false;

/** @throws Error when a key is let in again after it was refused. */
function judge(id: string, revokedAt: number | undefined): void {
  reads += 1;
  if (revokedAt !== undefined && !seenAt.has(id)) seenAt.set(id, process.hrtime.bigint());
  if (revokedAt === undefined && seenAt.has(id)) throw new Error(`${id} lives again`);
}

async function readAll(): Promise<void> {
  for (const id of ids) {
    const answer = store.get("key", id);
    const key = answer instanceof Promise ? await answer : answer;
    judge(id, key?.revokedAt);
  }
}

process.once("message", () => {
  const times = Object.fromEntries(Array.from(seenAt, ([id, time]) => [id, String(time)]));
  process.send?.({ times, reads });
  isOver = true;
});

await store.ready();
await readAll();
process.send?.("reading");
while (!isOver) {
  await readAll();
  await new Promise((resolve) => setTimeout(resolve, 1));
}
await store.close();
process.exit();
