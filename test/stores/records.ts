import { createHash } from "node:crypto";
import type { KeyRecord, UserRecord } from "../../lib/records.ts";

const conditions = {
  description: "",
  environment: "production",
  scopes: ["orders:read"],
  addresses: ["192.0.2.0/24"],
  disabled: false,
  createdAt: 1_700_000_000_000,
  createdBy: "admin",
  updatedAt: 1_700_000_000_000,
  updatedBy: "admin",
  metadata: { team: "blue" },
  version: 1,
} as const;

export function digestOf(text: string, scheme: "sha256" | "hmac-sha256" = "hmac-sha256"): string {
  return `${scheme}:${createHash("sha256").update(text).digest("base64url")}`;
}

/** A key with an imported secret, so that its digest is indexed. */
export function keyRecord(id: string, changes: Partial<KeyRecord> = {}): KeyRecord {
  const secrets = [{ digest: digestOf(id), lastFour: "abcd", createdAt: 1_700_000_000_000 }];
  return { ...conditions, id, name: `Key ${id}`, kind: "server", secrets, ...changes };
}

export function userRecord(id: string, changes: Partial<UserRecord> = {}): UserRecord {
  return { ...conditions, id, name: id, passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", ...changes };
}
