import { ConfigError } from "../errors.ts";

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a quoted-string may hold (RFC 9110 section 5.6.4), less the tab and C1 controls. */
const quotable = /^[ -~\xa0-\xff]*$/;
/** RFC 6750 section 3: printable ASCII without quotation mark and backslash; `scope` is that, in words. */
const plain = /^[ !#-[\]-~]+$/;
const scopeWords = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/;

/** A text becomes a quoted-string. Some parameters, such as Digest's `stale`, must be a bare token. */
export type ChallengeValue = string | { readonly token: string };

export interface BearerChallenge {
  readonly realm: string;
  readonly error?: "invalid_request" | "invalid_token" | "insufficient_scope";
  readonly errorDescription?: string;
  readonly scope?: string;
}

/** One challenge for `WWW-Authenticate` (RFC 9110 section 11.6.1). Throws `ConfigError` for what no field can carry. */
export function formatChallenge(scheme: string, params: Readonly<Record<string, ChallengeValue>>): string {
  if (!token.test(scheme)) throw new ConfigError("scheme", "An authentication scheme is one word of ASCII.");
  const parts = Object.entries(params).map(([name, value]) => formatParam(name, value));
  return parts.length === 0 ? scheme : `${scheme} ${parts.join(", ")}`;
}

/** RFC 7617 section 2.1; `UTF-8` is the only charset there is. */
export function basicChallenge(realm: string): string {
  return formatChallenge("Basic", { realm, charset: "UTF-8" });
}

/** RFC 6750 section 3. `error` is for requests that had a token. */
export function bearerChallenge({ realm, error, errorDescription, scope }: BearerChallenge): string {
  if (errorDescription !== undefined && !plain.test(errorDescription)) {
    throw new ConfigError("errorDescription", "An error description takes printable ASCII without quotation marks.");
  }
  if (scope !== undefined && !scopeWords.test(scope)) {
    throw new ConfigError("scope", "Scopes are words of visible ASCII, one space between them.");
  }
  return formatChallenge("Bearer", {
    realm,
    ...(error !== undefined && { error }),
    ...(errorDescription !== undefined && { error_description: errorDescription }),
    ...(scope !== undefined && { scope }),
  });
}

function formatParam(name: string, value: ChallengeValue): string {
  if (!token.test(name)) throw new ConfigError("params", "The name of a parameter is one word of ASCII.");
  if (typeof value !== "string") {
    if (!token.test(value.token)) throw new ConfigError(name, `"${name}" takes one word of ASCII.`);
    return `${name}=${value.token}`;
  }
  if (!quotable.test(value)) throw new ConfigError(name, `"${name}" takes printable characters of ISO 8859-1 only.`);
  return `${name}="${value.replace(/["\\]/g, "\\$&")}"`;
}
