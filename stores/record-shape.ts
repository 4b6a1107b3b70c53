import { StoreError } from "../lib/errors.ts";
import type { RecordKind, RecordMap } from "../lib/records.ts";
import { idBytes } from "./record-ids.ts";

type Test = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Test>>;

const isText: Test = (value) => typeof value === "string";
const isFlag: Test = (value) => typeof value === "boolean";
const isTime: Test = (value) => typeof value === "number" && Number.isFinite(value) && value >= 0;
const isCount: Test = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isId: Test = (value) => idBytes(value as string) !== undefined;
const isDigest: Test = (value) => isText(value) && /^(?:hmac-)?sha256:[A-Za-z0-9_-]{43}$/.test(value as string);

const oneOf =
  (...values: readonly unknown[]): Test =>
  (value) =>
    values.includes(value);
const optional =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);
const listOf =
  (test: Test, most = Number.POSITIVE_INFINITY): Test =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(test);
const isMap: Test = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const shaped =
  (shape: Shape): Test =>
  (value) =>
    isMap(value) && Object.entries(shape).every(([field, test]) => test((value as Record<string, unknown>)[field]));

const common: Shape = {
  id: isId,
  name: isText,
  description: isText,
  environment: oneOf("production", "sandbox"),
  scopes: listOf(isText),
  addresses: listOf(isText),
  limit: optional(shaped({ requests: isCount, windowMs: isCount })),
  notBefore: optional(isTime),
  expiresAt: optional(isTime),
  disabled: isFlag,
  revokedAt: optional(isTime),
  createdAt: isTime,
  createdBy: isText,
  updatedAt: isTime,
  updatedBy: isText,
  lastUsedAt: optional(isTime),
  lastUsedFrom: optional(isText),
  metadata: (value) => isMap(value) && Object.values(value as object).every(isText),
  version: isCount,
};

const secret = shaped({
  digest: isDigest,
  lastFour: isText,
  createdAt: isTime,
  expiresAt: optional(isTime),
  lastUsedAt: optional(isTime),
});

const shapes = {
  key: { ...common, kind: oneOf("server", "client"), secrets: listOf(secret, 2) },
  user: { ...common, passwordHash: (value) => isText(value) && value !== "" },
} satisfies Record<RecordKind, Shape>;

/** The field that has not the right type, undefined when all have. Fields that this version does not know are let be. */
function badField(kind: RecordKind, value: unknown): string | undefined {
  if (!isMap(value)) return "record";
  const found = Object.entries(shapes[kind]).find(([field, test]) => !test((value as Record<string, unknown>)[field]));
  return found?.[0];
}

/**
 * What was read under `id`, once it is known to be a record; frozen, as it may be handed out more than once.
 * @throws StoreError "damaged" when it is not: whoever wrote it, this record lets nobody through.
 */
export function readRecord<K extends RecordKind>(kind: K, id: string, value: unknown): RecordMap[K] {
  const field = badField(kind, value) ?? ((value as RecordMap[K]).id === id ? undefined : "id");
  if (field !== undefined) throw new StoreError("damaged", `A ${kind} in the store is not usable: ${field} is wrong.`);
  return freeze(value as RecordMap[K]);
}

/** As `readRecord`, for the JSON text of a record. */
export function parseRecord<K extends RecordKind>(kind: K, id: string, text: string): RecordMap[K] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StoreError("damaged", `A ${kind} in the store is not usable: it is no JSON.`);
  }
  return readRecord(kind, id, value);
}

/** Longest JSON text of a record, in characters. */
const maxRecordLength = 65_536;

/**
 * The JSON text of a record that is to be written.
 * @throws TypeError when a field has not the right type, RangeError when the record is larger than 64 Ki characters.
 */
export function recordText<K extends RecordKind>(kind: K, record: RecordMap[K]): string {
  const field = badField(kind, record);
  if (field !== undefined) throw new TypeError(`This ${kind} cannot be stored: ${field} is wrong.`);
  const text = JSON.stringify(record);
  if (text.length > maxRecordLength) throw new RangeError(`This ${kind} cannot be stored: it is too large.`);
  return text;
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
