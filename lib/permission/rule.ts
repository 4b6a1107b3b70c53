import type { Environment } from "../check.ts";
import { ConfigError } from "../errors.ts";
import { anyPath, type PathPattern, pathPattern } from "../http/request-path.ts";
import { type CompiledHours, compileHours, type Hours } from "./hours.ts";

/** What a rule asks of whoever it fits. An empty list asks nothing. */
export interface PermissionRule {
  readonly effect: "allow" | "deny";
  /** As `GET`; that stands for `HEAD` too, as in Node-RED's router. Empty fits every method. */
  readonly methods: readonly string[];
  /** A pattern as `/orders/:id` or `/admin/*`, or `*` for any path. */
  readonly path: string;
  readonly allOf: readonly string[];
  readonly anyOf: readonly string[];
  readonly noneOf: readonly string[];
  readonly environment?: Environment | undefined;
  readonly caller?: "user" | "key" | "server" | "client" | undefined;
  readonly hours?: Hours | undefined;
}

export interface CompiledRule extends Omit<PermissionRule, "methods" | "path" | "hours"> {
  readonly fitsMethod: (method: string) => boolean;
  /** Undefined for any path. */
  readonly path: PathPattern | undefined;
  readonly hours: CompiledHours | undefined;
}

/** RFC 9110 section 9.1: a token, and told from others by case. */
const method = /^[A-Z][A-Z0-9-]{0,31}$/;
/** RFC 6749 section 3.3. */
const scope = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;

/** @throws ConfigError naming the rule by its number, for one that cannot be. */
export function compileRule(rule: PermissionRule, index: number): CompiledRule {
  const fail = (option: string, message: string): never => {
    throw new ConfigError(option, `Rule ${index + 1}: ${message}`);
  };
  const wrongMethod = rule.methods.find((name) => !method.test(name));
  if (wrongMethod !== undefined) fail("methods", `"${wrongMethod}" is no method; one is written as in GET.`);
  const wrongScope = [...rule.allOf, ...rule.anyOf, ...rule.noneOf].find((name) => !scope.test(name));
  if (wrongScope !== undefined) fail("scopes", `"${wrongScope}" cannot be a scope.`);
  const path = rule.path === anyPath ? undefined : pathPattern(rule.path);
  if (rule.path !== anyPath && path === undefined) fail("path", `"${rule.path}" is no pattern for a path.`);
  const methods = new Set(rule.methods);
  if (methods.has("GET")) methods.add("HEAD");
  const fitsMethod = methods.size === 0 ? () => true : (name: string) => methods.has(name);
  return { ...rule, fitsMethod, path, hours: compiledHours(rule.hours, fail) };
}

function compiledHours(hours: Hours | undefined, fail: (option: string, message: string) => never) {
  if (hours === undefined) return undefined;
  try {
    return compileHours(hours);
  } catch (error) {
    const { option, message } = error as ConfigError;
    return fail(option, message);
  }
}
