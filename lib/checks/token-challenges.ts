import { bearerChallenge, formatChallenge } from "../http/challenge.ts";
import type { Challenges } from "./proven.ts";
import type { TokenCarrier } from "./token-carriers.ts";

interface TokenChallengeOptions {
  readonly carriers: readonly TokenCarrier[];
  readonly realm: string;
  readonly requirements: { readonly scopes: readonly string[] };
}

/** RFC 9110 §15.5.2 wants a challenge with every 401; only `Bearer` has error words (RFC 6750 §3). */
export function tokenChallenges({ carriers, realm, requirements }: TokenChallengeOptions): Challenges {
  const schemes = [...new Set(carriers.flatMap(({ scheme }) => (scheme ? [scheme.toLowerCase()] : [])))];
  const others = schemes.filter((scheme) => scheme !== "bearer").map((scheme) => formatOther(scheme, realm));
  if (!schemes.includes("bearer")) {
    const plain = others.length > 0 ? others : [formatChallenge("ApiKey", { realm })];
    return { missing: plain, refused: plain, scopeMissing: [] };
  }
  const scope = requirements.scopes.join(" ");
  return {
    missing: [bearerChallenge({ realm }), ...others],
    refused: [bearerChallenge({ realm, error: "invalid_token" }), ...others],
    scopeMissing: [bearerChallenge({ realm, error: "insufficient_scope", ...(scope && { scope }) })],
  };
}

function formatOther(scheme: string, realm: string): string {
  return formatChallenge(scheme.charAt(0).toUpperCase() + scheme.slice(1), { realm });
}
