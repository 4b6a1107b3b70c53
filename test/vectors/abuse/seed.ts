import { crc32 } from "node:zlib";
import type { Environment } from "../../../lib/check.ts";
import type { KeyRecord, KeySecret, UserRecord } from "../../../lib/records.ts";
import { digestApiKey, generateApiKey, maskApiKey, parseApiKey } from "../../../lib/secrets/api-key.ts";
import { encodeBase62 } from "../../../lib/secrets/base62.ts";
import { hashPassword } from "../../../lib/secrets/password-hash.ts";
import { openStore } from "../../../stores/open.ts";
import type { AbuseIndex, FixtureKey, FixtureUser } from "./types.ts";

export const keyPrefix = "gh";

const day = 86_400_000;

/** A user and a key that no case knows: they prove after each case that valid callers still get through. */
export const control = { user: "harness-control", password: "control-password-1", key: "HarnessControl" } as const;

/** Everything that the fixtures keep in stores. */
export interface Seed {
  readonly users: readonly UserRecord[];
  readonly keys: readonly KeyRecord[];
  /** Keys of a store that the checks do not use. */
  readonly otherKeys: readonly KeyRecord[];
  /** Plain text by the name that the placeholders use. */
  readonly texts: ReadonlyMap<string, string>;
  /** Record id by the name of the fixture. */
  readonly ids: ReadonlyMap<string, string>;
  /** What may occur in no log, status or refusal. */
  readonly secrets: readonly string[];
}

/** Makes users and keys of the index's fixtures; `wanted` names the keys that cases ask for. */
export async function makeSeed(index: AbuseIndex, wanted: Iterable<string>, now: number): Promise<Seed> {
  const listed = [...(index.fixtures["F-basic"]?.users ?? []), { name: control.user, password: control.password }];
  const users = await Promise.all(listed.map((user) => userRecord(user, now)));
  const texts = new Map<string, string>();
  const ids = new Map<string, string>();
  const records: KeyRecord[] = [];
  const otherKeys: KeyRecord[] = [];
  const definitions = definitionsOf(index, wanted);
  for (const [name, { record, plain, isOther }] of keyRecords(definitions, now)) {
    (isOther ? otherKeys : records).push(record);
    ids.set(name, record.id);
    for (const [alias, text] of plain) texts.set(alias, text);
  }
  const alias = texts.get("K4revoked");
  if (alias && !texts.has("K4")) texts.set("K4", alias);
  const passwords = (index.fixtures["F-basic"]?.users ?? []).flatMap(({ password, name }) => {
    const encoded = Buffer.from(`${name}:${password ?? ""}`).toString("base64");
    return password ? [password, encoded] : [];
  });
  return { users, keys: records, otherKeys, texts, ids, secrets: [...texts.values(), ...passwords] };
}

async function userRecord(user: FixtureUser, now: number): Promise<UserRecord> {
  const name = user.name.replace(/ \(NFC\)$/, "").normalize("NFC");
  const passwordHash = user.storedHash ?? user.import ?? (await hashPassword((user.password ?? "").normalize("NFC")));
  return {
    ...base(now),
    id: name,
    name,
    passwordHash,
    disabled: user.disabled ?? false,
    ...(user.expired && { expiresAt: now - day }),
  };
}

function base(now: number) {
  return {
    description: "",
    environment: "production" as Environment,
    scopes: [] as readonly string[],
    addresses: [] as readonly string[],
    disabled: false,
    createdAt: now - 2 * day,
    createdBy: "fixture",
    updatedAt: now - 2 * day,
    updatedBy: "fixture",
    metadata: {},
    version: 1,
  };
}

function definitionsOf(index: AbuseIndex, wanted: Iterable<string>): ReadonlyMap<string, FixtureKey> {
  const listed = Object.entries(index.fixtures["F-token"]?.keys ?? {});
  const definitions = new Map(listed.filter(([name, key]) => !key.alias && !name.includes(":")));
  for (const name of wanted) {
    const scope = /^K1scope:(.*)$/s.exec(name)?.[1];
    if (scope !== undefined) definitions.set(name, { scopes: [scope] });
  }
  definitions.set(control.key, { scopes: ["read"] });
  return definitions;
}

interface MadeKey {
  readonly record: KeyRecord;
  readonly plain: readonly (readonly [alias: string, text: string])[];
  readonly isOther: boolean;
}

function keyRecords(definitions: ReadonlyMap<string, FixtureKey>, now: number): ReadonlyMap<string, MadeKey> {
  const made = new Map<string, MadeKey>();
  for (const [name, definition] of definitions) {
    const rotated = /^(.+?)(old|new)$/.exec(name)?.[1];
    if (rotated === undefined) made.set(name, plainKey(name, definition, now));
    else if (!made.has(rotated)) made.set(rotated, rotatedKey(rotated, definitions, now));
  }
  return made;
}

function plainKey(name: string, key: FixtureKey, now: number): MadeKey {
  const environment: Environment = key.environment === "sandbox" ? "sandbox" : "production";
  const { text, id } = generateApiKey({ prefix: keyPrefix, environment });
  const record: KeyRecord = {
    ...base(now),
    id,
    name,
    kind: "server",
    environment,
    scopes: key.scopes ?? ["read"],
    addresses: key.allow ?? [],
    disabled: key.disabled ?? false,
    ...(key.expired && { expiresAt: now - day }),
    ...(key.notBefore && { notBefore: now + day }),
    ...(key.revoked && { revokedAt: now - day }),
    secrets: [secretOf(text, now)],
  };
  return { record, plain: [[name, text]], isOther: key.store !== undefined };
}

/** One record with two secrets; the old one is inside its overlap unless the fixture says that this is over. */
function rotatedKey(name: string, definitions: ReadonlyMap<string, FixtureKey>, now: number): MadeKey {
  const isOver = definitions.get(`${name}old`)?.rotation?.includes("after overlap") ?? false;
  const { record, plain } = plainKey(`${name}new`, { scopes: ["read"] }, now);
  const { text: old } = generateApiKey({ prefix: keyPrefix, environment: record.environment, id: record.id });
  const overlap = { ...secretOf(old, now), expiresAt: isOver ? now - 1000 : now + day };
  return {
    record: { ...record, name, secrets: [...record.secrets, overlap] },
    plain: [...plain, [`${name}old`, old]],
    isOther: false,
  };
}

function secretOf(text: string, now: number): KeySecret {
  return { digest: digestApiKey(text), lastFour: text.slice(-4), createdAt: now - 2 * day };
}

/** Writes the seed into two new stores. */
export async function sow(seed: Seed, folder: string, otherFolder: string): Promise<void> {
  const store = openStore({ backend: "embedded", folder, now: Date.now });
  await store.ready();
  await Promise.all([
    ...seed.users.map((user) => store.put("user", user)),
    ...seed.keys.map((key) => store.put("key", key)),
  ]);
  await store.close();
  const other = openStore({ backend: "embedded", folder: otherFolder, now: Date.now });
  await other.ready();
  await Promise.all(seed.otherKeys.map((key) => other.put("key", key)));
  await other.close();
}

/** A key with a right checksum that nobody issued; its secret starts as the given key's does. */
export function forgedKey(like: string | undefined, sharedCharacters: number): string {
  const { text } = generateApiKey({ prefix: keyPrefix, environment: "production" });
  if (!like || sharedCharacters === 0) return text;
  const shared = secretStart(like) + sharedCharacters;
  return checksummed(like.slice(0, shared) + text.slice(shared, -6));
}

/** The id of one key with the secret of another. */
export function splicedKey(idOf: string, secretOf: string): string {
  return checksummed(idOf.slice(0, secretStart(idOf)) + secretOf.slice(secretStart(secretOf), -6));
}

function secretStart(text: string): number {
  return text.lastIndexOf("_") + 1;
}

function checksummed(unchecked: string): string {
  return unchecked + encodeBase62(crc32(unchecked), 6);
}

/** As the editor shows it, in UTF-8 bytes: it has a character that no header can hold. */
export function maskedKey(text: string): string | undefined {
  const name = parseApiKey(text, keyPrefix);
  return name && Buffer.from(maskApiKey(keyPrefix, name, text.slice(-4)), "utf8").toString("latin1");
}
