import { type Call, type Command, type ExitCode, type Options, UsageError } from "./command.ts";
import { present, versionOf } from "./conditions.ts";
import { listHeading, listLine, type Shown, tellChange, tellRecord } from "./output.ts";
import { numberOf } from "./values.ts";

type Kind = "key" | "user";

const pageSize = 500;

const versionOption: Options = {
  "if-version": { type: "string", value: "N", help: "only if nobody changed it since" },
};

/** Commands that keys and users have in common. */
export function recordCommands(kind: Kind, operand: string): readonly Command[] {
  const named = (action: string, summary: string, done: string) => actionCommand(kind, operand, action, summary, done);
  return [
    listCommand(kind),
    {
      name: `${kind}s get`,
      summary: `show one ${kind}`,
      operands: [operand],
      options: {},
      run: async (call) => tellRecord(call, await call.operate(kind, "get", { id: call.operands[0] })),
    },
    named("disable", `refuse a ${kind} until it is enabled again`, "disabled"),
    named("enable", `take a disabled ${kind} again`, "enabled"),
    named("revoke", `end a ${kind} for good`, "revoked"),
  ];
}

/** A command that needs an id, and perhaps a version. */
export function actionCommand(kind: Kind, operand: string, action: string, summary: string, done: string): Command {
  return {
    name: `${kind}s ${action}`,
    summary,
    operands: [operand],
    options: versionOption,
    async run(call) {
      const outcome = await call.operate(kind, action, { id: call.operands[0], ...versionOf(call.given) });
      return tellChange(call, outcome, done);
    },
  };
}

function listCommand(kind: Kind): Command {
  return {
    name: `${kind}s list`,
    summary: `list ${kind}s, with --json one a line`,
    operands: [],
    options: {
      search: { type: "string", value: "TEXT", help: "part of an id or name" },
      limit: { type: "string", value: "N", help: "so many at most" },
    },
    run: (call) => list(kind, call),
  };
}

async function list(kind: Kind, call: Call): Promise<ExitCode> {
  const { given, terminal, json } = call;
  const limit = numberOf("limit", given.text("limit")) ?? Number.POSITIVE_INFINITY;
  const show = json ? JSON.stringify : listLine;
  if (!json) terminal.result(listHeading);
  for await (const page of pages(kind, call, limit)) {
    for (const item of page) await terminal.resultPart(`${show(item)}\n`);
  }
  return 0;
}

async function* pages(kind: Kind, { given, operate }: Call, limit: number): AsyncGenerator<readonly Shown[]> {
  let left = limit;
  let after: string | undefined;
  do {
    const asked = { search: given.text("search"), after, limit: Math.max(1, Math.min(left, pageSize)) };
    const outcome = await operate(kind, "list", present(asked));
    if (!outcome.done) throw new UsageError(outcome.detail);
    const { items, next } = outcome.value as { readonly items: readonly Shown[]; readonly next?: string };
    yield items.slice(0, left);
    left -= items.length;
    after = next;
  } while (after !== undefined && left > 0);
}
