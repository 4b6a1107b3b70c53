import type { Requirements } from "../../lib/conditions.ts";

interface RequirementsConfig {
  readonly scopes: readonly string[];
  readonly environment: "" | "production" | "sandbox";
}

/** What the check's dialog asks of callers, as lib has it. */
export function requirementsOf({ scopes, environment }: RequirementsConfig): Requirements {
  return { scopes, environment: environment || undefined };
}
