import type { Environment, Principal, Reason, RequestFacts } from "./check.ts";
import type { ClientAddress } from "./net/client-address.ts";
import { compileRanges, type RangeSet } from "./net/ip-range.ts";
import type { KeyRecord, UserRecord } from "./records.ts";

type Recorded = KeyRecord | UserRecord;

/** What a check asks of whoever it lets in. */
export interface Requirements {
  /** All of these, matched exactly. */
  readonly scopes: readonly string[];
  readonly environment?: Environment | undefined;
}

/** Why a known caller is not allowed here: always a 403. */
export interface Refusal {
  readonly reason: Reason;
  readonly detail: string;
  readonly missingScope?: string;
}

export interface Judgement {
  readonly refusal?: Refusal;
  /** Canonical text of the caller's address, where the record asks for one. */
  readonly address?: string;
}

/** Nothing against it. */
const suits: Judgement = {};

/** Compiled lists of records kept at once. */
const LIST_LIMIT = 1000;

/** Why the record may not be used now, whoever asks and from wherever; undefined when it may. */
export function stateRefusal(record: Recorded, now: number): Reason | undefined {
  if (record.revokedAt !== undefined) return "revoked";
  if (record.disabled) return "disabled";
  if (record.expiresAt !== undefined && now >= record.expiresAt) return "expired";
  if (record.notBefore !== undefined && now < record.notBefore) return "not-yet-valid";
  return undefined;
}

/** Builds the judge of a proven caller's conditions: its own address list, then what the check requires. */
export function conditionsJudge(
  requirements: Requirements,
  clientAddress: (facts: RequestFacts) => ClientAddress,
): (record: Recorded, facts: RequestFacts) => Judgement {
  const rangesOf = recordRanges();
  return (record, facts) => {
    if (record.addresses.length === 0) return requirementsJudgement(record, requirements);
    const from = clientAddress(facts);
    if (from.address === undefined) return { refusal: { reason: "address-unknown", detail: from.reason } };
    const ranges = rangesOf(record);
    if (ranges === undefined) {
      return { refusal: { reason: "unusable-record", detail: "its address list cannot be read" }, address: from.text };
    }
    if (!ranges.contains(from.address)) {
      return { refusal: { reason: "address-refused", detail: `${from.text} is not in its list` }, address: from.text };
    }
    return { ...requirementsJudgement(record, requirements), address: from.text };
  };
}

function requirementsJudgement(record: Recorded, { environment, scopes }: Requirements): Judgement {
  if (environment !== undefined && record.environment !== environment) {
    return { refusal: { reason: "environment-refused", detail: `it is for ${record.environment}` } };
  }
  const missing = scopes.find((scope) => !record.scopes.includes(scope));
  if (missing === undefined) return suits;
  return { refusal: { reason: "scope-missing", detail: `scope ${missing} is missing`, missingScope: missing } };
}

/** Compiles a record's addresses once per version. A list that cannot be read is undefined, and lets nobody in. */
function recordRanges(): (record: Recorded) => RangeSet | undefined {
  const compiled = new Map<string, { version: number; ranges: RangeSet | undefined }>();
  return (record) => {
    const id = "secrets" in record ? `key ${record.id}` : `user ${record.id}`;
    const known = compiled.get(id);
    if (known?.version === record.version) return known.ranges;
    const ranges = tryCompile(record.addresses);
    if (compiled.size >= LIST_LIMIT) compiled.clear();
    compiled.set(id, { version: record.version, ranges });
    return ranges;
  };
}

function tryCompile(addresses: readonly string[]): RangeSet | undefined {
  try {
    return compileRanges(addresses);
  } catch {
    return undefined;
  }
}

/** Who a record stands for. The lists are the record's own. */
export function principalOf(record: Recorded): Principal {
  const { id, name, environment, scopes, limit, expiresAt, metadata } = record;
  const isKey = "secrets" in record;
  const principal: Writable<Principal> = { kind: isKey ? "key" : "user", id, name, environment, scopes };
  if (isKey) principal.keyKind = record.kind;
  if (limit) principal.limit = limit;
  if (expiresAt !== undefined) principal.expiresAt = expiresAt;
  if (!isEmpty(metadata)) principal.metadata = metadata;
  return principal;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

function isEmpty(map: Readonly<Record<string, string>>): boolean {
  for (const _ in map) return false;
  return true;
}
