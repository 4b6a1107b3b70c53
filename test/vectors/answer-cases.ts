import { isDeepStrictEqual } from "node:util";
import type { Check, RequestFacts, Verdict } from "../../lib/check.ts";
import { basicAuth } from "../../lib/checks/basic-auth.ts";
import { token } from "../../lib/checks/token.ts";
import { answerOf } from "../../lib/http/answer.ts";
import { formatBasic } from "../../lib/http/authorization.ts";
import { parseChallenges } from "../../lib/http/challenge-list.ts";
import type { Keyring } from "../../lib/keyring.ts";
import { clientAddress } from "../../lib/net/client-address.ts";
import { aKey, aUser, facts } from "../support/records.ts";
import type { Outcome, SecretsCase } from "./secrets-cases.ts";

interface AnswerInput {
  readonly scheme?: string;
  readonly endpoint?: string;
  readonly situation: string;
  readonly scope?: string;
}

interface Given {
  readonly check: Check;
  readonly none: RequestFacts;
  readonly right: RequestFacts;
  readonly wrong: RequestFacts;
  readonly unknown: RequestFacts;
  readonly malformed: RequestFacts;
  readonly twice: RequestFacts;
  readonly inQuery: RequestFacts;
}

const { record: key } = aKey({ scopes: ["read"] });
const alice = aUser("alice", "", { scopes: ["read"] });

/** Knows the token `right`, and alice by her password. */
const ring: Keyring = {
  isKey: () => false,
  proveToken: (text) => (text === "right" ? { record: key } : { reason: text === "wrong" ? "expired" : "unknown" }),
  provePassword: (user, password) => {
    if (user !== "alice") return { reason: "unknown" };
    return password === "right" ? { record: alice } : { reason: "secret-mismatch", id: "alice" };
  },
};

const fromSocket = clientAddress({ trusted: undefined, header: "x-forwarded-for" });
const common = { keyring: ring, realm: "api", clientAddress: fromSocket };

const given: ReadonlyMap<string, (scopes: readonly string[]) => Given> = new Map([
  [
    "bearer",
    (scopes: readonly string[]): Given => ({
      check: token({
        ...common,
        requirements: { scopes },
        carriers: [
          { in: "header", name: "authorization", scheme: "Bearer" },
          { in: "query", name: "access_token" },
        ],
      }),
      ...requests((text) => `Bearer ${text}`, "Bearer a b"),
    }),
  ],
  [
    "basic",
    (scopes: readonly string[]): Given => ({
      check: basicAuth({ ...common, requirements: { scopes }, accept: "users-and-keys" }),
      ...requests((text) => formatBasic(text === "nobody" ? "nobody" : "alice", text), "Basic !"),
    }),
  ],
]);

function requests(authorization: (text: string) => string, malformed: string): Omit<Given, "check"> {
  const by = (value: string) => facts({ Authorization: value });
  const right = authorization("right");
  return {
    none: facts(),
    right: by(right),
    wrong: by(authorization("wrong")),
    unknown: by(authorization("nobody")),
    malformed: by(malformed),
    twice: facts({ Authorization: right }, { target: "/?access_token=right" }),
    inQuery: facts({}, { target: "/?access_token=right" }),
  };
}

/** What the words of the cases stand for; the first that matches counts. */
const situations: readonly (readonly [RegExp, keyof Omit<Given, "check">])[] = [
  [/no cred|no token|missing/i, "none"],
  [/scope/i, "right"],
  [/two|both|twice|more than one/i, "twice"],
  [/query/i, "inQuery"],
  [/malformed|syntax/i, "malformed"],
  [/unknown/i, "unknown"],
  [/wrong|expired|revoked|invalid|bad/i, "wrong"],
];

/** Runs an `answer` case of bearer-and-challenge.json against the check that its scheme names. */
export async function runAnswer(input: AnswerInput, expected: SecretsCase["expected"]): Promise<Outcome> {
  if (input.endpoint !== undefined) return "unsupported: needs token-endpoint";
  const made = given.get(input.scheme ?? "")?.(input.scope === undefined ? [] : input.scope.split(" "));
  if (!made) return `unsupported: needs a check for ${input.scheme}`;
  if (expected.identical === true) return runIdentical(made, input.situation);
  const which = situations.find(([words]) => words.test(input.situation))?.[1];
  if (!which) return `unsupported: needs a case for: ${input.situation}`;
  return judge(await made.check(made[which]), expected);
}

async function runIdentical({ check, unknown, wrong }: Given, situation: string): Promise<Outcome> {
  if (!/ vs\.? /.test(situation)) return `unsupported: needs a case for: ${situation}`;
  const answers = [await check(unknown), await check(wrong)].map((verdict) => !verdict.accepted && answerOf(verdict));
  return isDeepStrictEqual(answers[0], answers[1]) || "the answers differ";
}

function judge(verdict: Verdict, { status, challenge, headers = {} }: SecretsCase["expected"]): Outcome {
  const answer = verdict.accepted ? { status: 200, headers: verdict.headers ?? {} } : answerOf(verdict);
  if (answer.status !== status) return `expected ${status}, got ${answer.status}`;
  for (const [name, wanted] of Object.entries(headers as Record<string, string>)) {
    const got = (answer.headers as Record<string, unknown>)[name];
    if (got !== wanted) return `${name}: expected ${wanted}, got ${got}`;
  }
  return challenge === undefined || matchesChallenge(answer.headers, challenge as ExpectedChallenge);
}

interface ExpectedChallenge {
  readonly scheme: string;
  readonly has?: readonly string[];
  readonly hasNot?: readonly string[];
  readonly [param: string]: unknown;
}

function matchesChallenge(headers: object, { scheme, has = [], hasNot = [], ...params }: ExpectedChallenge): Outcome {
  const [challenge] = parseChallenges(String((headers as Record<string, unknown>)["WWW-Authenticate"])) ?? [];
  if (challenge?.scheme !== scheme) return `expected ${scheme}, got ${challenge?.scheme}`;
  const lacking = has.filter((name) => !challenge.params.has(name));
  const surplus = hasNot.filter((name) => challenge.params.has(name));
  if (lacking.length > 0 || surplus.length > 0) return `lacks ${lacking}, has ${surplus}`;
  const differing = Object.entries(params).find(([name, wanted]) => challenge.params.get(name) !== wanted);
  return differing ? `${differing[0]}: expected ${differing[1]}, got ${challenge.params.get(differing[0])}` : true;
}
