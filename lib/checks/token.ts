import type { Awaitable, Carrier, Check, RequestFacts, Verdict } from "../check.ts";
import { conditionsJudge, type Requirements } from "../conditions.ts";
import type { Keyring } from "../keyring.ts";
import { type ClientAddress, countedSource } from "../net/client-address.ts";
import { andThen } from "../proof.ts";
import { provenVerdict, repeated, unauthorized } from "./proven.ts";
import { type TokenCarrier, tokenReader } from "./token-carriers.ts";
import { tokenChallenges } from "./token-challenges.ts";

export interface TokenOptions {
  readonly keyring: Keyring;
  /** At least one. Query and cookie only where the author asks for them (RFC 6750 §5.3). */
  readonly carriers: readonly TokenCarrier[];
  readonly realm: string;
  readonly requirements: Requirements;
  readonly clientAddress: (facts: RequestFacts) => ClientAddress;
}

/** The answer to a request whose URL holds a token must not be kept by a shared cache (RFC 6750 §2.3). */
const privateAnswer = { "Cache-Control": "private" };

/**
 * A shared secret in a header of any name, or where the author asks for it in the query or a cookie.
 * Throws a `ConfigError` for carriers or a realm that cannot work.
 */
export function token(options: TokenOptions): Check {
  const { keyring, clientAddress } = options;
  const read = tokenReader(options.carriers);
  const challenges = tokenChallenges(options);
  const judge = conditionsJudge(options.requirements, clientAddress);
  const bearer = { realm: options.realm };

  return function token(facts): Awaitable<Verdict> {
    const found = read(facts);
    const carriers: readonly Carrier[] = found.map((one) => one.carrier);
    const [first, second] = found;
    if (!first) return unauthorized("missing-credentials", challenges.missing, carriers);
    if (second) return repeated(carriers);
    if (first.token === undefined) return unauthorized("malformed-credentials", challenges.refused, carriers);
    return andThen(
      keyring.proveToken(first.token, () => countedSource(facts, clientAddress)),
      (proof) => {
        const verdict = provenVerdict(proof, facts, { judge, challenges, carriers });
        if (!verdict.accepted) return verdict;
        if (first.isBearer) return { ...verdict, bearer };
        return first.carrier.in === "query" ? { ...verdict, headers: privateAnswer } : verdict;
      },
    );
  };
}
