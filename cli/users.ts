import type { Command } from "./command.ts";
import { changeOptions, conditionOptions, conditionsOf, newConditionsOf, present, versionOf } from "./conditions.ts";
import { tellChange } from "./output.ts";
import { recordCommands } from "./records.ts";

const notes = "The password is read from the standard input, or asked for without being shown.";

const add: Command = {
  name: "users add",
  summary: "make a user",
  operands: ["NAME"],
  options: conditionOptions,
  notes,
  begins: true,
  async run(call) {
    const conditions = newConditionsOf(call.given, call.context.now);
    const password = await call.terminal.secret("Password", true);
    const request = { name: call.operands[0], password, ...conditions };
    return tellChange(call, await call.operate("user", "create", request), "created");
  },
};

const passwd: Command = {
  name: "users passwd",
  summary: "set another password",
  operands: ["NAME"],
  options: { "if-version": { type: "string", value: "N", help: "only if nobody changed it since" } },
  notes,
  async run(call) {
    const version = versionOf(call.given);
    const password = await call.terminal.secret("Password", true);
    const outcome = await call.operate("user", "password", { id: call.operands[0], password, ...version });
    return tellChange(call, outcome, "password set");
  },
};

const update: Command = {
  name: "users update",
  summary: "change the conditions of a user",
  operands: ["NAME"],
  options: changeOptions,
  async run(call) {
    const { given, operands, context } = call;
    const request = { id: operands[0], ...versionOf(given), ...conditionsOf(given, context.now) };
    return tellChange(call, await call.operate("user", "update", present(request)), "changed");
  },
};

export const userCommands: readonly Command[] = [add, passwd, update, ...recordCommands("user", "NAME")];
