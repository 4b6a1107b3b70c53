import type { Environment } from "./check.ts";

/** What must hold when a key or user is used. Times are milliseconds since the epoch. */
export interface Conditions {
  readonly environment: Environment;
  readonly scopes: readonly string[];
  /** Addresses and ranges that may use it; empty means any. */
  readonly addresses: readonly string[];
  readonly limit?: { readonly requests: number; readonly windowMs: number };
  readonly notBefore?: number;
  readonly expiresAt?: number;
  readonly disabled: boolean;
}

interface RecordBase extends Conditions {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Final: no update, import or write-back clears it. */
  readonly revokedAt?: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
  readonly lastUsedAt?: number;
  readonly lastUsedFrom?: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** 1 for a new record, one more with each change. */
  readonly version: number;
}

/** One secret of a key. Never the secret itself. */
export interface KeySecret {
  /** `sha256:<base64url>` of a generated key, `hmac-sha256:<base64url>` of one that people brought along. */
  readonly digest: string;
  readonly lastFour: string;
  readonly createdAt: number;
  /** End of the overlap after a rotation. */
  readonly expiresAt?: number;
  readonly lastUsedAt?: number;
}

export interface KeyRecord extends RecordBase {
  readonly kind: "server" | "client";
  /** At most two: the current one first, then the one that is being replaced. */
  readonly secrets: readonly KeySecret[];
}

/** A user's id is the name, normalised as RFC 8265 says. */
export interface UserRecord extends RecordBase {
  /** PHC form, or an imported hash until its first success. */
  readonly passwordHash: string;
}

export interface RecordMap {
  readonly key: KeyRecord;
  readonly user: UserRecord;
}

export type RecordKind = keyof RecordMap;
