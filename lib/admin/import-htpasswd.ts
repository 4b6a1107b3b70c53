import type { ConditionsInput } from "../lifecycle/conditions.ts";
import type { ChangeContext } from "../lifecycle/context.ts";
import { createUser } from "../lifecycle/users.ts";
import type { Store } from "../store.ts";
import { type HtpasswdLine, parseHtpasswd } from "./htpasswd.ts";

/** What became of one line. Holds nothing of the hash. */
export interface ImportedLine {
  /** Counted from 1. */
  readonly line: number;
  readonly name?: string;
  /** A user who exists stays as it is. */
  readonly result: "imported" | "exists" | "refused";
  /** Why the line is refused. */
  readonly detail?: string;
  /** Of the user that was imported. */
  readonly id?: string;
}

/** Makes users of the lines of an htpasswd file, each taken or refused by itself. Rejects with a `StoreError`. */
export async function* importHtpasswd(
  store: Store,
  text: string,
  conditions: ConditionsInput,
  context: ChangeContext,
): AsyncGenerator<ImportedLine> {
  for (const parsed of parseHtpasswd(text)) yield await importOne(store, parsed, conditions, context);
}

async function importOne(
  store: Store,
  { line, name, hash, problem = "" }: HtpasswdLine,
  conditions: ConditionsInput,
  context: ChangeContext,
): Promise<ImportedLine> {
  const named = { line, ...(name !== undefined && { name }) };
  if (name === undefined || hash === undefined) return { ...named, result: "refused", detail: problem };
  const record = createUser({ name, ...conditions }, hash, context);
  const stored = await store.put("user", record);
  return stored ? { ...named, result: "imported", id: record.id } : { ...named, result: "exists" };
}
