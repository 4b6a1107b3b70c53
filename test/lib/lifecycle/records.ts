import { createSecretKey } from "node:crypto";
import type { ChangeContext } from "../../../lib/lifecycle/context.ts";
import { createKey } from "../../../lib/lifecycle/keys.ts";
import { createUser } from "../../../lib/lifecycle/users.ts";

/** Alice, at noon of a day. */
export const context: ChangeContext = { now: Date.UTC(2030, 0, 1, 12), actor: "alice" };

/** Bob, an hour after. */
export const later: ChangeContext = { now: context.now + 3_600_000, actor: "bob" };

export const masterKey = createSecretKey(Buffer.alloc(32, 7));

export const bcryptHash = "$2y$10$2CXfUL26/intLCFhdaCqh.OxosjXbOUgp/xaGh4t7YqWDD9zukrC2";

export const someKey = () => createKey({ name: "a key" }, "gh", context).record;

export const someUser = () => createUser({ name: "kate" }, bcryptHash, context);
