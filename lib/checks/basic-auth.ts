import type { Awaitable, Carrier, Check, RequestFacts, Verdict } from "../check.ts";
import { conditionsJudge, type Requirements } from "../conditions.ts";
import { ConfigError } from "../errors.ts";
import { parseBasic } from "../http/authorization.ts";
import { basicChallenge } from "../http/challenge.ts";
import { fieldValues } from "../http/header-fields.ts";
import type { Keyring } from "../keyring.ts";
import { type ClientAddress, countedSource } from "../net/client-address.ts";
import { andThen, type Proof } from "../proof.ts";
import type { KeyRecord, UserRecord } from "../records.ts";
import { provenVerdict, repeated, unauthorized } from "./proven.ts";

export interface BasicAuthOptions {
  readonly keyring: Keyring;
  readonly realm: string;
  readonly accept: "users-and-keys" | "users" | "keys";
  readonly requirements: Requirements;
  readonly clientAddress: (facts: RequestFacts) => ClientAddress;
}

const authorization: readonly Carrier[] = [{ in: "header", name: "authorization" }];

/**
 * HTTP Basic (RFC 7617) for users, and for API keys as the password, or as the user name with no password.
 * Throws a `ConfigError` for a realm that no header can carry.
 */
export function basicAuth(options: BasicAuthOptions): Check {
  if (options.realm === "") throw new ConfigError("realm", "The realm is empty.");
  const challenge = [basicChallenge(options.realm)];
  const challenges = { missing: challenge, refused: challenge, scopeMissing: [] };
  const judge = conditionsJudge(options.requirements, options.clientAddress);
  const context = { judge, challenges, carriers: authorization };
  const prove = prover(options);

  return function basicAuth(facts): Awaitable<Verdict> {
    const [value, second] = fieldValues(facts.rawHeaders, "authorization");
    if (second !== undefined) return repeated(authorization);
    if (value === undefined) return unauthorized("missing-credentials", challenge, []);
    const parsed = parseBasic(value);
    if (parsed.kind === "other-scheme") return unauthorized("missing-credentials", challenge, []);
    if (parsed.kind === "malformed") return unauthorized("malformed-credentials", challenge, authorization);
    return andThen(prove(parsed.user, parsed.password, facts), (proof) => provenVerdict(proof, facts, context));
  };
}

type Prove = (user: string, password: string, facts: RequestFacts) => Awaitable<Proof<KeyRecord | UserRecord>>;

function prover({ keyring, accept, clientAddress }: BasicAuthOptions): Prove {
  return (user, password, facts) => {
    const source = () => countedSource(facts, clientAddress);
    const key = keyIn(user, password, keyring);
    if (key !== undefined && accept !== "users") return keyring.proveToken(key, source);
    if (accept === "keys") return { reason: "unknown", attempted: user };
    return keyring.provePassword(user, password, source);
  };
}

function keyIn(user: string, password: string, keyring: Keyring): string | undefined {
  if (keyring.isKey(password)) return password;
  return password === "" && keyring.isKey(user) ? user : undefined;
}
