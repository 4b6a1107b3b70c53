import { isDeepStrictEqual } from "node:util";
import type { Rejected } from "../../lib/check.ts";
import { type Answer, answerOf } from "../../lib/http/answer.ts";
import { type ParsedBasic, type ParsedToken, parseBasic, parseBearer } from "../../lib/http/authorization.ts";
import { basicChallenge, bearerChallenge } from "../../lib/http/challenge.ts";
import { type Challenge, parseChallenges } from "../../lib/http/challenge-list.ts";
import { verifyPassword } from "../../lib/secrets/password-hash.ts";

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
export function runBearer({ input, expected, ...leeway }: SecretsCase): Outcome {
  const { op, header, value } = input as { op: string; header?: string; value?: string };
  switch (op) {
    case "parse-bearer":
      return compare(typeof header === "string" ? parsed(parseBearer(header)) : { ok: false }, expected, leeway);
    case "parse-challenge":
      return same({ challenges: parseChallenges(value ?? "")?.map(plainChallenge) ?? null }, expected);
    case "answer":
      return runAnswer(input as unknown as AnswerInput, expected);
    default:
      return `unsupported: ${op}`;
  }
}

interface AnswerInput {
  readonly scheme?: string;
  readonly endpoint?: string;
  readonly situation: string;
  readonly scope?: string;
}

/** What checks answer, by situation and scheme; the words are those of the cases. */
const answers: ReadonlyMap<string, (input: AnswerInput) => Answer> = new Map([
  ["basic: no credentials", () => refuse({ reason: "missing-credentials", challenges: [basicChallenge("api")] })],
  [
    "bearer: no credentials",
    () => refuse({ reason: "missing-credentials", challenges: [bearerChallenge({ realm: "api" })] }),
  ],
  [
    "bearer: insufficient scope",
    ({ scope = "" }) => {
      const challenge = bearerChallenge({ realm: "api", error: "insufficient_scope", scope });
      return refuse({ status: 403, reason: "scope-missing", challenges: [challenge] });
    },
  ],
]);

function runAnswer(input: AnswerInput, expected: SecretsCase["expected"]): Outcome {
  if (input.endpoint !== undefined) return "unsupported: needs token-endpoint";
  if (expected.identical === true) return runIdentical(input);
  const answer = answers.get(`${input.scheme}: ${input.situation}`)?.(input);
  if (answer === undefined) return `unsupported: needs a check: ${input.situation}`;
  return answer.status === expected.status
    ? matchesChallenge(answer, expected.challenge as ExpectedChallenge)
    : `expected ${expected.status}, got ${answer.status}`;
}

function runIdentical({ situation, scheme }: AnswerInput): Outcome {
  if (situation !== "unknown user vs wrong password") return `unsupported: needs a check: ${situation}`;
  const challenges = [
    scheme === "basic" ? basicChallenge("api") : bearerChallenge({ realm: "api", error: "invalid_token" }),
  ];
  const [unknown, wrong] = [refuse({ reason: "unknown", challenges }), refuse({ reason: "wrong-secret", challenges })];
  return JSON.stringify(unknown) === JSON.stringify(wrong) || "the answers differ";
}

interface ExpectedChallenge {
  readonly scheme: string;
  readonly has?: readonly string[];
  readonly hasNot?: readonly string[];
  readonly [param: string]: unknown;
}

function matchesChallenge(
  { headers }: Answer,
  { scheme, has = [], hasNot = [], ...params }: ExpectedChallenge,
): Outcome {
  const [challenge] = parseChallenges(String(headers["WWW-Authenticate"])) ?? [];
  if (challenge?.scheme !== scheme) return `expected ${scheme}, got ${challenge?.scheme}`;
  const lacking = has.filter((name) => !challenge.params.has(name));
  const surplus = hasNot.filter((name) => challenge.params.has(name));
  if (lacking.length > 0 || surplus.length > 0) return `lacks ${lacking}, has ${surplus}`;
  return same(Object.fromEntries(challenge.params), params);
}

function refuse(more: Partial<Rejected>): Answer {
  return answerOf({ accepted: false, status: 401, reason: "unknown", challenges: [], carriers: [], ...more });
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
