import { built } from "./built.ts";

// Reads the key that it is told of, again and again as requests would, and says when it is revoked.
const { openStore } = await built<typeof import("../stores/open.ts")>("stores/open");
const store = openStore({ backend: "embedded", folder: process.argv[2] ?? "", now: Date.now });
await store.ready();

process.on("message", async (id: string) => {
  process.send?.("watching");
  while ((await store.get("key", id))?.revokedAt === undefined) await new Promise(setImmediate);
  process.send?.(String(process.hrtime.bigint()));
});
process.send?.("ready");
