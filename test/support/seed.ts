import { createSecretKey } from "node:crypto";
import { createKey, importToken, type KeyInput } from "../../lib/lifecycle/keys.ts";
import { createUser, type UserInput } from "../../lib/lifecycle/users.ts";
import { hashPassword } from "../../lib/secrets/password-hash.ts";
import type { Store } from "../../lib/store.ts";
import { openStore } from "../../stores/open.ts";

/** For stores of tests only. */
export const testMasterKey = Buffer.alloc(32, 7).toString("base64url");

/** Fills an embedded store before Node-RED starts. Returns the keys' texts by name. */
export async function seedStore(
  folder: string,
  seed: {
    readonly keys?: readonly KeyInput[];
    readonly tokens?: readonly (KeyInput & { readonly token: string })[];
    readonly users?: readonly (UserInput & { readonly password: string })[];
  },
): Promise<ReadonlyMap<string, string>> {
  const store = openStore({ backend: "embedded", folder, now: Date.now });
  const context = { now: Date.now(), actor: "test" };
  const texts = new Map<string, string>();
  await store.ready();
  for (const input of seed.keys ?? []) {
    const { record, secret } = createKey(input, "gh", context);
    await putNew(store, "key", record);
    texts.set(input.name, secret);
  }
  const masterKey = createSecretKey(Buffer.from(testMasterKey, "base64url"));
  for (const { token, ...input } of seed.tokens ?? []) {
    await putNew(store, "key", importToken(token, input, masterKey, context).record);
  }
  for (const { password, ...input } of seed.users ?? []) {
    await putNew(store, "user", createUser(input, await hashPassword(password), context));
  }
  await store.close();
  return texts;
}

async function putNew(store: Store, ...[kind, record]: Parameters<Store["put"]>): Promise<void> {
  if (!(await store.put(kind, record))) throw new Error(`the test's ${kind} ${record.id} could not be stored`);
}
