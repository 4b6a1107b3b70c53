import type { RequestFacts } from "../../lib/check.ts";
import type { KeyRecord, UserRecord } from "../../lib/records.ts";
import { digestApiKey, generateApiKey } from "../../lib/secrets/api-key.ts";

const base = {
  description: "",
  environment: "production",
  scopes: [],
  addresses: [],
  disabled: false,
  createdAt: 0,
  createdBy: "test",
  updatedAt: 0,
  updatedBy: "test",
  metadata: {},
  version: 1,
} as const;

/** A key and the text that proves it. */
export function aKey(more: Partial<KeyRecord> = {}): { record: KeyRecord; text: string } {
  const { text, id } = generateApiKey({ prefix: "gh", environment: more.environment ?? "production" });
  const secrets = [{ digest: digestApiKey(text), lastFour: text.slice(-4), createdAt: 0 }];
  return { record: { ...base, id, name: "A key", kind: "server", secrets, ...more }, text };
}

export function aUser(name: string, passwordHash: string, more: Partial<UserRecord> = {}): UserRecord {
  return { ...base, id: name, name, passwordHash, ...more };
}

export function facts(
  headers: Readonly<Record<string, string | readonly string[]>> = {},
  more: Partial<RequestFacts> = {},
): RequestFacts {
  const rawHeaders = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value]),
  );
  return { method: "GET", target: "/", rawHeaders, peer: "127.0.0.1", ...more };
}
