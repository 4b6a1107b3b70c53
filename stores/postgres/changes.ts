import type { RecordKind } from "../../lib/records.ts";
import type { Change } from "../../lib/store.ts";
import type { ChangesSince } from "../remote.ts";
import type { Statement } from "./statement.ts";
import { fromStoredJson } from "./stored-text.ts";

/** What is told at once at most. */
const most = 1_000;

export interface ChangesRow {
  readonly store: string | null;
  readonly last: string;
  readonly known: boolean;
  /** JSON of pairs of kind and id. */
  readonly following: string;
}

/**
 * What changed after the number `$1`. That number is remembered as long as its row is there, and with it all above it;
 * for 0, which has no row, as long as the first is. `schema` is quoted.
 */
export function changesStatement(schema: string): Statement {
  const changes = `${schema}.changes`;
  return {
    name: "gatehouse-changes",
    text: `SELECT (SELECT id::text FROM ${schema}.store) AS store,
  coalesce((SELECT max(sequence) FROM ${changes}), 0)::text AS last,
  EXISTS (SELECT FROM ${changes} WHERE sequence = greatest($1::bigint, 1)) AS known,
  (SELECT coalesce(json_agg(json_build_array(kind, id) ORDER BY sequence), '[]')::text
    FROM (SELECT sequence, kind, id FROM ${changes} WHERE sequence > $1::bigint ORDER BY sequence LIMIT ${most + 1}) AS f
  ) AS following`,
    writes: false,
  };
}

export function readChanges({ last, known, following }: ChangesRow, asked: number): ChangesSince {
  const sequence = Number(last);
  if (sequence === asked) return { sequence, changes: [] };
  const changes = (fromStoredJson(following) as readonly (readonly [RecordKind, string | null])[]).map(changeOf);
  // A number that is left out belongs to a transaction that was undone as it ended, or is unknown after a crash.
  const isComplete = known && changes.length <= most && changes.length === sequence - asked;
  return { sequence, changes: isComplete ? changes : "too-many" };
}

function changeOf([kind, id]: readonly [RecordKind, string | null]): Change {
  return id === null ? { kind } : { kind, id };
}

/** A notice as the server sends it; undefined for what somebody else sent. */
export function readNotice(payload: string): { readonly change: Change; readonly sequence: number } | undefined {
  try {
    const [sequence, kind, id] = fromStoredJson(payload) as readonly unknown[];
    const isSound = Number.isSafeInteger(sequence) && (kind === "key" || kind === "user");
    if (!isSound || !(id === null || typeof id === "string")) return undefined;
    return { change: changeOf([kind, id]), sequence: sequence as number };
  } catch {
    return undefined;
  }
}
