import type { KeyObject } from "node:crypto";
import type { Body } from "../../lib/admin/bodies.ts";
import { type EntryBody, entryBody } from "../../lib/admin/entries.ts";
import { ConfigError } from "../../lib/errors.ts";
import { tokenWarning } from "../../lib/lifecycle/keys.ts";
import { compileRanges } from "../../lib/net/ip-range.ts";
import { describeRange } from "../../lib/net/range-description.ts";
import { parseRangeList, type RangeLine } from "../../lib/net/range-lines.ts";
import { digestApiKey, generateApiKey } from "../../lib/secrets/api-key.ts";
import { digestImportedToken, isTokenText, lastFour } from "../../lib/secrets/imported-token.ts";

import { masterKeyOf } from "../../nodes/key-store-config/master-key.ts";
import type { Reply } from "./reply.ts";
import { head, type Route, withBody } from "./route.ts";
import type { Services } from "./services.ts";

/** What the dialogs ask for. Nothing is stored by it. */
export function toolRoutes({ bodies, handles, hashPassword }: Services): readonly Route[] {
  const makers = {
    key: ({ prefix, environment }: Entry<"key">) => {
      const { id, text } = generateApiKey({ prefix, environment });
      return { id, secret: text, slot: slotOf(digestApiKey(text), text) };
    },
    token: ({ token, masterKey, store }: Entry<"token">) => {
      const known = store === undefined ? undefined : handles.find(store)?.masterKey;
      const warning = tokenWarning(token);
      const digest = digestToken(token, known ?? masterKeyOf(masterKey, process.env));
      return { slot: slotOf(digest, token), ...(warning && { warning }) };
    },
    user: async ({ password }: Entry<"user">) => ({ slot: await hashPassword(password) }),
  };
  const make = (entry: EntryBody): object | Promise<object> => {
    if (entry.type === "key") return makers.key(entry);
    return entry.type === "token" ? makers.token(entry) : makers.user(entry);
  };
  return [
    withBody(head("POST /ranges", "gatehouse.read"), bodies.ranges, (call) => explainRanges(call.body)),
    withBody(head("POST /entries", "gatehouse.write"), entryBody, async (call) => ({
      status: 200,
      body: await make(call.body),
    })),
  ];
}

type Entry<T extends EntryBody["type"]> = Extract<EntryBody, { readonly type: T }>;

/** The text for a credential of the store's node. */
function slotOf(digest: string, secret: string): string {
  return JSON.stringify({ digest, lastFour: lastFour(secret) });
}

function digestToken(token: string, masterKey: KeyObject | undefined): string {
  if (!masterKey) throw new ConfigError("masterKey", "is needed for a token: give one, or the store that has one");
  if (!isTokenText(token)) throw new ConfigError("token", "takes 1 to 256 visible ASCII characters, without blanks");
  return digestImportedToken(token, masterKey);
}

function explainRanges({ text, refuseEverything = false }: Body<"ranges">): Reply {
  const lines = parseRangeList(text);
  const body = { lines: lines.map(explainLine), ...judgement(text, refuseEverything) };
  return { status: 200, body };
}

function explainLine(parsed: RangeLine) {
  const { entry, ...line } = parsed;
  return entry ? { ...line, ...describeRange(line.text) } : line;
}

/** What a deploy would say to the list as a whole. */
function judgement(text: string, refuseEverything: boolean) {
  try {
    const { size, warnings } = compileRanges(text.split(/\r?\n/), { refuseEverything, option: "text" });
    return { ok: true, ranges: size, warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ok: false, problems: error.message.split("\n") };
  }
}
