import type { Command } from "./command.ts";
import { changeOptions, conditionOptions, conditionsOf, newConditionsOf, present, versionOf } from "./conditions.ts";
import { tellChange } from "./output.ts";
import { actionCommand, recordCommands } from "./records.ts";
import { secondsOf } from "./values.ts";

const kindOption = { kind: { type: "string", value: "WORD", help: "server (default) or client" } } as const;

const create: Command = {
  name: "keys create",
  summary: "make a key; it is written to the standard output, this once",
  operands: ["NAME"],
  options: { ...kindOption, ...conditionOptions },
  notes: "The standard output holds the key and nothing else: KEY=$(gatehouse keys create NAME)",
  begins: true,
  async run(call) {
    const { given, operands, context } = call;
    const request = { name: operands[0], kind: given.text("kind"), ...newConditionsOf(given, context.now) };
    return tellChange(call, await call.operate("key", "create", present(request)), "created");
  },
};

const importToken: Command = {
  name: "keys import",
  summary: "take a token that callers have already, from the standard input",
  operands: ["NAME"],
  options: { ...kindOption, ...conditionOptions },
  notes: "Needs the store's master key, in GATEHOUSE_MASTER_KEY or a file that GATEHOUSE_MASTER_KEY_FILE names.",
  begins: true,
  async run(call) {
    const { given, operands, context } = call;
    const conditions = { kind: given.text("kind"), ...newConditionsOf(given, context.now) };
    const token = await call.terminal.secret("Token");
    const outcome = await call.operate("key", "import", present({ name: operands[0], token, ...conditions }));
    return tellChange(call, outcome, "imported");
  },
};

const { environment: _, ...keyChanges } = changeOptions;

const update: Command = {
  name: "keys update",
  summary: "change the conditions of a key",
  operands: ["ID"],
  options: { name: { type: "string", value: "TEXT", help: "another name" }, ...kindOption, ...keyChanges },
  async run(call) {
    const { given, operands, context } = call;
    const own = { id: operands[0], name: given.text("name"), kind: given.text("kind"), ...versionOf(given) };
    const request = { ...own, ...conditionsOf(given, context.now) };
    return tellChange(call, await call.operate("key", "update", present(request)), "changed");
  },
};

const rotate: Command = {
  name: "keys rotate",
  summary: "give a key a new secret; the old one stays valid for a while",
  operands: ["ID"],
  options: {
    overlap: { type: "string", value: "TIME", help: "how long the old one stays valid: 1h by default, 0 ends it now" },
    "if-version": { type: "string", value: "N", help: "only if nobody changed it since" },
  },
  notes: "The standard output holds the new key and nothing else.",
  async run(call) {
    const { given, operands } = call;
    const overlapSeconds = secondsOf("overlap", given.text("overlap"));
    const request = { id: operands[0], overlapSeconds, ...versionOf(given) };
    return tellChange(call, await call.operate("key", "rotate", present(request)), "rotated");
  },
};

export const keyCommands: readonly Command[] = [
  create,
  importToken,
  update,
  rotate,
  actionCommand("key", "ID", "end-overlap", "end the secret that is being replaced", "overlap ended"),
  ...recordCommands("key", "ID"),
];
