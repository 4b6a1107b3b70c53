import { userInfo } from "node:os";
import { bodies } from "../lib/admin/bodies.ts";
import { keyOperations } from "../lib/admin/key-operations.ts";
import { refused } from "../lib/admin/outcome.ts";
import { userOperations } from "../lib/admin/user-operations.ts";
import { StoreError } from "../lib/errors.ts";
import { checkedKeyPrefix } from "../lib/secrets/api-key.ts";
import { hashPassword } from "../lib/secrets/password-hash.ts";
import type { Store } from "../lib/store.ts";
import { masterKeyOf } from "../nodes/key-store-config/master-key.ts";
import { openStore } from "../stores/open.ts";
import { read } from "./arguments.ts";
import { auditVerifyCommand } from "./audit.ts";
import type { Call, Command, ExitCode, Given } from "./command.ts";
import { commandHelp, overview } from "./help.ts";
import { keyCommands } from "./keys.ts";
import { exitCodeOf, storeOptionsOf } from "./store-address.ts";
import { type Terminal, visible } from "./terminal.ts";
import { transferCommands } from "./transfer.ts";
import { userCommands } from "./users.ts";
import { verifyCommand } from "./verify.ts";

/** Longer than a store on a server takes to say that it cannot be reached. */
const openLimitMs = 10_000;

/** Runs one command line. Never rejects. */
export async function run(line: readonly string[], env: NodeJS.ProcessEnv, terminal: Terminal): Promise<ExitCode> {
  try {
    const verify = verifyCommand(() => masterKey(env));
    const commands = [...keyCommands, ...userCommands, ...transferCommands, verify, auditVerifyCommand];
    const asked = read(line, commands);
    if (!("help" in asked)) return await runCommand(asked.command, asked.given, asked.operands, env, terminal);
    terminal.result("name" in asked.help ? commandHelp(asked.help) : overview(asked.help));
    return 0;
  } catch (error) {
    terminal.say(`gatehouse: ${(error as Error).message}`);
    return exitCodeOf(error);
  }
}

function masterKey(env: NodeJS.ProcessEnv) {
  return masterKeyOf(undefined, env);
}

async function runCommand(
  command: Command,
  given: Given,
  operands: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<ExitCode> {
  if (command.alone) return command.run({ given, operands, terminal, json: given.flag("json") });
  const prefix = checkedKeyPrefix(given.text("prefix") ?? env.GATEHOUSE_KEY_PREFIX ?? "gh");
  const place = { address: given.text("store"), env, begins: command.begins === true, terminal };
  const store = openStore(storeOptionsOf(place));
  try {
    await ready(store);
    return await command.run(callOf({ given, operands, env, terminal, prefix, store }));
  } finally {
    await store.close();
  }
}

async function ready(store: Store): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new StoreError("unreachable", "The store does not answer.")), openLimitMs);
  });
  await Promise.race([store.ready(), limit]).finally(() => clearTimeout(timer));
}

type Opened = Pick<Call, "given" | "operands" | "terminal" | "prefix" | "store"> & { readonly env: NodeJS.ProcessEnv };

function callOf({ env, ...opened }: Opened): Call {
  const { given, store, prefix } = opened;
  const now = Date.now();
  const context = { now, actor: visible(given.text("actor") ?? systemUser()).slice(0, 100) };
  const admin = { store, prefix, masterKey: masterKey(env), bodies: bodies(() => now), hashPassword };
  const operations = { key: keyOperations(admin), user: userOperations(admin) };
  return {
    ...opened,
    context,
    json: given.flag("json"),
    operate: async (type, operation, request) => {
      const found = operations[type].get(operation);
      return found ? found(request, context) : refused(422, "There is no such operation.");
    },
  };
}

function systemUser(): string {
  try {
    return `${userInfo().username} (command line)`;
  } catch {
    // A container may run under a number that nobody has a name for.
    return "command line";
  }
}
