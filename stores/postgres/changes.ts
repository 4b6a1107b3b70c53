import { StoreError } from "../../lib/errors.ts";
import type { RecordKind } from "../../lib/records.ts";
import type { Change } from "../../lib/store.ts";
import type { ChangesSince, RemoteStore } from "../remote.ts";
import type { ServerClock } from "../server-clock.ts";
import type { Server } from "./server.ts";
import type { Statement } from "./statement.ts";
import { fromStoredJson } from "./stored-text.ts";

/** What is told at once at most. */
const most = 1_000;

interface ChangesRow {
  readonly store: string | null;
  readonly server: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly last: string;
  readonly known: boolean;
  /** JSON of pairs of kind and id. */
  readonly following: string;
}

interface ChangesContext {
  readonly storeId: () => string | undefined;
  readonly clock: ServerClock;
  readonly now: () => number;
}

/**
 * How a server is asked for changes. `schema` is quoted. Asking, it finds out as well what time it is there, and when the
 * store is no longer the one that `storeId` names.
 */
export function changesReader(
  server: Server,
  schema: string,
  { storeId, clock, now }: ChangesContext,
): RemoteStore["changesSince"] {
  const statement = changesStatement(schema);
  /** Since when the server runs whose numbers are known. */
  let numberedBy: string | undefined;
  return async (asked) => {
    const askedAt = now();
    const [row] = await server.query<ChangesRow>(statement, [asked]);
    if (row === undefined || row.store !== storeId()) {
      server.suspect();
      throw new StoreError("missing", "The PostgreSQL store that was there is gone.");
    }
    clock.learn(row.time, askedAt, now());
    const isOther = numberedBy !== undefined && numberedBy !== row.server;
    numberedBy = row.server;
    return readChanges(row, asked, isOther);
  };
}

/**
 * What changed after the number `$1`. That number is remembered as long as its row is there, and with it all above it;
 * for 0, which has no row, as long as the first is.
 */
function changesStatement(schema: string): Statement {
  const changes = `${schema}.changes`;
  return {
    name: "gatehouse-changes",
    text: `SELECT (SELECT id::text FROM ${schema}.store) AS store,
  pg_postmaster_start_time()::text AS server, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS time,
  coalesce((SELECT max(sequence) FROM ${changes}), 0)::text AS last,
  EXISTS (SELECT FROM ${changes} WHERE sequence = greatest($1::bigint, 1)) AS known,
  (SELECT coalesce(json_agg(json_build_array(kind, id) ORDER BY sequence), '[]')::text
    FROM (SELECT sequence, kind, id FROM ${changes} WHERE sequence > $1::bigint ORDER BY sequence LIMIT ${most + 1}) AS f
  ) AS following`,
    writes: false,
  };
}

/**
 * `isOther`: the numbers known until now are of another server. One that took over may not have all that its predecessor
 * had, and may have given the same numbers to others.
 */
function readChanges({ last, known, following }: ChangesRow, asked: number, isOther: boolean): ChangesSince {
  const sequence = Number(last);
  if (isOther) return { sequence, changes: "too-many" };
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
