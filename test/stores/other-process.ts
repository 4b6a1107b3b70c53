import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Store } from "../../lib/store.ts";

const program = fileURLToPath(new URL("children/serve-store.ts", import.meta.url));

interface Answer {
  readonly number: number;
  readonly value?: unknown;
  readonly fault?: string;
}

type Method = Exclude<keyof Store, "backend" | "onChange">;

/** A store of a process of its own on the same folder. `close` ends the process. */
export function storeInOtherProcess(folder: string): Store {
  const child = fork(program, [folder], { execArgv: ["--import", "tsx"] });
  const call = caller(child);
  const method =
    (name: Method) =>
    (...values: readonly unknown[]) =>
      call(name, values);
  const store = Object.fromEntries(
    (["ready", "get", "findKeyByDigest", "put", "touch", "remove", "list", "take", "claim"] as const).map((name) => [
      name,
      method(name),
    ]),
  );
  const close = async () => {
    const ended = once(child, "exit");
    await call("close", []);
    await ended;
  };
  return { ...store, backend: "embedded", onChange: () => () => undefined, close } as unknown as Store;
}

function caller(child: ChildProcess): (method: Method, values: readonly unknown[]) => Promise<unknown> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let calls = 0;
  child.on("message", (answer: Answer) => waiting.get(answer.number)?.(answer));
  return (method, values) =>
    new Promise((resolve, reject) => {
      calls += 1;
      waiting.set(calls, ({ value, fault }) => (fault === undefined ? resolve(value) : reject(new Error(fault))));
      child.send({ number: calls, method, values });
    });
}
