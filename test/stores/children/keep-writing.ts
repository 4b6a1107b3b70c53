// A process that writes keys until it is killed, and says the number of each one that the store has acknowledged.
import { writeSync } from "node:fs";
import { embeddedStore } from "../../../stores/embedded.ts";
import { keyRecord } from "../records.ts";

const [folder, prefix] = process.argv.slice(2);
if (folder === undefined || prefix === undefined) throw new Error("Name the folder of the store and a prefix.");
const store = embeddedStore({ folder, now: Date.now });
let number = 0;

/** Creates a key, changes it, and counts on it, so that all kinds of writes are under way when the end comes. */
async function keepWriting(): Promise<never> {
  for (;;) {
    number += 1;
    const id = `${prefix}-${number}`;
    if (!(await store.put("key", keyRecord(id)))) throw new Error(`${id} was refused.`);
    writeSync(1, `${id}\n`);
    await store.take(id, { capacity: 10, windowMs: 1_000 }, 1, Date.now());
    if (!(await store.put("key", keyRecord(id, { version: 2, disabled: true })))) throw new Error(`${id} was refused.`);
  }
}

await Promise.all(Array.from({ length: 4 }, keepWriting));
