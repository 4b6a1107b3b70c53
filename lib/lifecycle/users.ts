import { ConfigError } from "../errors.ts";
import { normaliseUserName } from "../names.ts";
import type { UserRecord } from "../records.ts";
import { isUsableHash } from "../secrets/password-hash.ts";
import { type ConditionsInput, newRecord, touched } from "./conditions.ts";
import type { ChangeContext } from "./context.ts";

export interface UserInput extends ConditionsInput {
  /** As the person types it; the id is this, normalised as RFC 8265 says. */
  readonly name: string;
}

/**
 * A new user with a hash that `hashPassword` made, or one that was brought along (htpasswd, Node-RED's own).
 * Throws `ConfigError` for a name that Basic cannot carry, and for a hash that is plain text, unknown or too costly.
 */
export function createUser(input: UserInput, passwordHash: string, context: ChangeContext): UserRecord {
  const id = normaliseUserName(input.name);
  if (id === undefined) throw new ConfigError("name", "The name cannot be used by RFC 8265 or RFC 7617.");
  return { ...newRecord(id, id, input, context), passwordHash: checkedHash(passwordHash) };
}

/** The user with another password. Errors as `createUser`. */
export function setPassword(record: UserRecord, passwordHash: string, context: ChangeContext): UserRecord {
  return { ...touched(record, context), passwordHash: checkedHash(passwordHash) };
}

function checkedHash(passwordHash: string): string {
  if (isUsableHash(passwordHash)) return passwordHash;
  throw new ConfigError("passwordHash", "The password hash is of an unknown kind, too costly, or no hash at all.");
}
