import { StoreError } from "../lib/errors.ts";
import type { RecordKind, RecordMap } from "../lib/records.ts";
import { idBytes } from "./record-ids.ts";

type Test = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Test>>;
type Fields = readonly (readonly [field: string, test: Test])[];

const isText: Test = (value) => typeof value === "string";
const isFlag: Test = (value) => typeof value === "boolean";
const isTime: Test = (value) => typeof value === "number" && Number.isFinite(value) && value >= 0;
const isCount: Test = (value) => Number.isSafeInteger(value) && (value as number) > 0;
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
/** Each record is looked at whenever it is read, so the names of the fields are listed once. */
function shaped(shape: Shape): Test {
  const fields: Fields = Object.entries(shape);
  return (value) => isMap(value) && badFieldOf(fields, value) === undefined;
}
function badFieldOf(fields: Fields, value: unknown): string | undefined {
  for (const [field, test] of fields) if (!test((value as Record<string, unknown>)[field])) return field;
  return undefined;
}

const common: Shape = {
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

const recordFields: Readonly<Record<RecordKind, Fields>> = {
  key: Object.entries({ ...common, kind: oneOf("server", "client"), secrets: listOf(secret, 2) }),
  user: Object.entries({ ...common, passwordHash: (value: unknown) => isText(value) && value !== "" }),
};

/** The field that has not the right type, undefined when all have. Fields that this version does not know are let be. */
function badField(kind: RecordKind, id: string, value: unknown): string | undefined {
  if (!isMap(value)) return "record";
  return (value as RecordMap[RecordKind]).id === id ? badFieldOf(recordFields[kind], value) : "id";
}

/**
 * What was read under `id`, once it is known to be a record; frozen, as it may be handed out more than once.
 * @throws StoreError "damaged" when it is not: whoever wrote it, this record lets nobody through.
 */
export function readRecord<K extends RecordKind>(kind: K, id: string, value: unknown): RecordMap[K] {
  const field = badField(kind, id, value);
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
  const field = idBytes(record.id) === undefined ? "id" : badField(kind, record.id, record);
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
