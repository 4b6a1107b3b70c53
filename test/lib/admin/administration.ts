import { bodies } from "../../../lib/admin/bodies.ts";
import { keyOperations } from "../../../lib/admin/key-operations.ts";
import type { Administration, Operation, Outcome } from "../../../lib/admin/outcome.ts";
import { userOperations } from "../../../lib/admin/user-operations.ts";
import type { ChangeContext } from "../../../lib/lifecycle/context.ts";
import { memoryStore } from "../../harness/memory-store.ts";
import { bcryptHash, context, masterKey } from "../lifecycle/records.ts";

type Record = { readonly id: string; readonly version: number; readonly [member: string]: unknown };

/** A store in memory and what can be done with it. `hashed` lists the passwords that were hashed. */
export function administration(more: Partial<Administration> = {}) {
  const store = memoryStore();
  const hashed: string[] = [];
  const admin: Administration = {
    store,
    prefix: "gh",
    masterKey,
    bodies: bodies(() => context.now),
    hashPassword: async (password) => {
      hashed.push(password);
      return bcryptHash;
    },
    ...more,
  };
  const operations = { key: keyOperations(admin), user: userOperations(admin) };
  const run = (type: "key" | "user", name: string, request: unknown, by: ChangeContext = context): Promise<Outcome> =>
    (operations[type].get(name) as Operation)(request, by);
  /** What was done; fails when it was refused. */
  const value = async (...asked: Parameters<typeof run>): Promise<Record> => {
    const outcome = await run(...asked);
    if (!outcome.done) throw new Error(outcome.detail);
    return outcome.value as Record;
  };
  /** Status and words of a refusal; fails when it was done. */
  const refusal = async (...asked: Parameters<typeof run>): Promise<string> => {
    const outcome = await run(...asked);
    if (outcome.done) throw new Error("it was done");
    return `${outcome.status} ${outcome.detail}`;
  };
  return { store, hashed, operations, run, value, refusal };
}
