// A process that does with an embedded store what its parent asks for.
import type { Store } from "../../../lib/store.ts";
import { embeddedStore } from "../../../stores/embedded.ts";

interface Call {
  readonly number: number;
  readonly method: Exclude<keyof Store, "backend" | "onChange">;
  readonly values: readonly unknown[];
}

const folder = process.argv[2];
if (folder === undefined) throw new Error("Name the folder of the store.");
const store = embeddedStore({ folder, now: Date.now });

process.on("message", async ({ number, method, values }: Call) => {
  const operation = store[method] as (...values: readonly unknown[]) => unknown;
  try {
    process.send?.({ number, value: await operation(...values) });
  } catch (error) {
    process.send?.({ number, fault: String(error) });
  }
  if (method === "close") process.disconnect();
});
