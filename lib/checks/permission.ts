import { type LocalTime, localTime } from "../calendar.ts";
import type { Bearer, Check, Principal, Reason, Rejected, RequestFacts } from "../check.ts";
import { ConfigError } from "../errors.ts";
import { bearerChallenge } from "../http/challenge.ts";
import { type PathDoubt, type PathMatch, type RequestPath, requestPath } from "../http/request-path.ts";
import { isWithin } from "../permission/hours.ts";
import { type CompiledRule, compileRule, type PermissionRule } from "../permission/rule.ts";

export interface PermissionOptions {
  /** The first that fits the method and path of a request decides; nobody may do what none fits. */
  readonly rules: readonly PermissionRule[];
  /** For the rules' hours, as `Europe/Berlin`; UTC when empty. */
  readonly timeZone: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const mostRules = 200;

const doubts: Readonly<Record<PathDoubt | Exclude<PathMatch, "yes" | "no">, string>> = {
  nearly: "the path fits but for upper and lower case",
  target: "the target is no path",
  encoding: "the path has an escape that cannot be decoded",
  "empty-segment": "the path has two slashes in a row",
  "dot-segment": "the path has a segment of dots",
  separator: "the path has an encoded separator, or another character that readers differ about",
};

/**
 * May this principal do this? Looks only at who was proved by checks before it. Proves nothing itself.
 * @throws ConfigError for rules or a time zone that cannot be.
 */
export function permission({ rules, timeZone, now }: PermissionOptions): Check {
  if (rules.length === 0) throw new ConfigError("rules", "There is no rule, so that nobody would get through.");
  if (rules.length > mostRules) throw new ConfigError("rules", `There are more than ${mostRules} rules.`);
  const compiled = rules.map(compileRule);
  const clock = localTime(timeZone);

  return function permission(facts, caller) {
    const found = firstFitting(compiled, facts);
    if ("accepted" in found) return found;
    if (caller?.principal === undefined)
      return denied("missing-credentials", "no check before this one let anybody in");
    const refusal = judge(found.rule, caller.principal, caller.bearer, () => clock(now()));
    if (refusal === undefined) return { accepted: true, carriers: [] };
    return { ...refusal, detail: `rule ${found.number}: ${refusal.detail}`, principalId: caller.principal.id };
  };
}

type Found = { readonly rule: CompiledRule; readonly number: number };

function firstFitting(rules: readonly CompiledRule[], { method, target }: RequestFacts): Found | Rejected {
  // Only rules that name a path have to understand it.
  let path: RequestPath | undefined;
  const matchOf = (rule: CompiledRule): PathMatch | PathDoubt => {
    if (!rule.fitsMethod(method)) return "no";
    if (rule.path === undefined) return "yes";
    path ??= requestPath(target);
    return path.doubt ?? rule.path(path.segments);
  };
  for (const [i, rule] of rules.entries()) {
    const match = matchOf(rule);
    if (match === "yes") return { rule, number: i + 1 };
    if (match !== "no") return denied("malformed-request", `rule ${i + 1}: ${doubts[match]}`);
  }
  return denied("not-permitted", "no rule fits the method and path");
}

function judge(
  rule: CompiledRule,
  principal: Principal,
  bearer: Bearer | undefined,
  clock: () => LocalTime,
): (Rejected & { readonly detail: string }) | undefined {
  if (rule.effect === "deny") return denied("not-permitted", "it denies everybody");
  if (rule.environment && principal.environment !== rule.environment) {
    return denied("environment-refused", `it is for ${rule.environment} only`);
  }
  if (rule.caller && principal.kind !== rule.caller && principal.keyKind !== rule.caller) {
    return denied("kind-refused", `it is for callers of the kind ${rule.caller} only`);
  }
  return judgeScopes(rule, principal.scopes, bearer) ?? judgeHours(rule, clock);
}

function judgeScopes({ allOf, anyOf, noneOf }: CompiledRule, scopes: readonly string[], bearer: Bearer | undefined) {
  const excess = noneOf.find((scope) => scopes.includes(scope));
  if (excess !== undefined) return denied("scope-refused", `scope ${excess} is held`);
  const missing = allOf.filter((scope) => !scopes.includes(scope));
  const [any] = anyOf;
  const lacksAny = any !== undefined && !anyOf.some((scope) => scopes.includes(scope));
  if (missing.length === 0 && !lacksAny) return undefined;
  const wanted = lacksAny ? [...missing, `one of ${anyOf.join(" ")}`] : missing;
  const refusal = denied("scope-missing", `scope ${wanted.join(" and ")} is missing`);
  if (!bearer) return refusal;
  // RFC 6750 section 3: the scope that would be enough. Of several that would do, the first.
  const scope = [...new Set(lacksAny ? [...allOf, any] : allOf)].join(" ");
  return { ...refusal, challenges: [bearerChallenge({ realm: bearer.realm, error: "insufficient_scope", scope })] };
}

function judgeHours({ hours }: CompiledRule, clock: () => LocalTime) {
  if (hours === undefined || isWithin(hours, clock())) return undefined;
  return denied("time-refused", "it is for other hours");
}

function denied(reason: Reason, detail: string): Rejected & { readonly detail: string } {
  return { accepted: false, status: 403, reason, detail, challenges: [], carriers: [] };
}
