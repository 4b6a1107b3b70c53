import { isDeepStrictEqual } from "node:util";
import { type ParsedBasic, type ParsedToken, parseBasic, parseBearer } from "../../lib/http/authorization.ts";
import { type Challenge, parseChallenges } from "../../lib/http/challenge-list.ts";
import { verifyPassword } from "../../lib/secrets/password-hash.ts";
import { runAnswer } from "./answer-cases.ts";

/** True, or why the case failed; a text that begins with "unsupported: " where the case is no target. */
export type Outcome = true | string;

export interface SecretsCase {
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  /** A case that expects success may be refused all the same. */
  readonly may_reject?: boolean;
  /** A case that expects a refusal may succeed all the same. */
  readonly may_accept?: boolean;
}

/** Runs a case of basic-auth.json. */
export function runBasicAuth({ input, expected, ...leeway }: SecretsCase): Outcome {
  const { header, charset } = input as { header?: string | null; charset?: "iso-8859-1" };
  return compare(typeof header === "string" ? parsed(parseBasic(header, charset)) : { ok: false }, expected, leeway);
}

/** Runs a case of htpasswd.json. */
export async function runHtpasswd({ input, expected, ...leeway }: SecretsCase): Promise<Outcome> {
  const { op, hash, password } = input as { op: string; hash: string; password: string };
  if (op !== "verify") return `unsupported: ${op}`;
  const { match } = await verifyPassword(hash, password);
  if (!match && leeway.may_reject) return true;
  return same({ match }, expected);
}

/** Runs a case of bearer-and-challenge.json. */
export function runBearer({ input, expected, ...leeway }: SecretsCase): Outcome | Promise<Outcome> {
  const { op, header, value } = input as { op: string; header?: string; value?: string };
  switch (op) {
    case "parse-bearer":
      return compare(typeof header === "string" ? parsed(parseBearer(header)) : { ok: false }, expected, leeway);
    case "parse-challenge":
      return same({ challenges: parseChallenges(value ?? "")?.map(plainChallenge) ?? null }, expected);
    case "answer":
      return runAnswer(input as unknown as Parameters<typeof runAnswer>[0], expected);
    default:
      return `unsupported: ${op}`;
  }
}

function parsed(result: ParsedBasic | ParsedToken): Record<string, unknown> {
  const { kind, ...rest } = result;
  return { ok: kind === "ok", ...rest };
}

function plainChallenge({ scheme, params, token68 }: Challenge): Record<string, unknown> {
  return { scheme, params: Object.fromEntries(params), ...(token68 !== undefined && { token68 }) };
}

type Leeway = Pick<SecretsCase, "may_reject" | "may_accept">;

function compare(actual: Record<string, unknown>, expected: SecretsCase["expected"], leeway: Leeway): Outcome {
  if (actual.ok !== expected.ok && (actual.ok ? leeway.may_accept : leeway.may_reject)) return true;
  return same(actual, expected);
}

/** Expected fields only: a case may leave out what it does not care about. */
function same(actual: Readonly<Record<string, unknown>>, expected: SecretsCase["expected"]): Outcome {
  for (const [name, wanted] of Object.entries(expected)) {
    if (isDeepStrictEqual(actual[name], wanted)) continue;
    return `${name}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(actual[name])}`;
  }
  return true;
}
