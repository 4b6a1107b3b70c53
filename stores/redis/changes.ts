import type { RecordKind } from "../../lib/records.ts";
import type { Change } from "../../lib/store.ts";
import type { ChangesSince } from "../remote.ts";
import type { Connection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { changesScript } from "./state-scripts.ts";

/** Changes that are told one by one; of more it is said that there were many. */
const mostAtOnce = 1_000;

export interface ChangesAndTime extends ChangesSince {
  /** The server's clock, in milliseconds since the epoch. */
  readonly serverTime: number;
}

export async function readChanges({ run }: Connection, keys: Keys, asked: number): Promise<ChangesAndTime> {
  const answer = await run(changesScript, [keys.sequence, keys.changes], [String(asked), String(mostAtOnce)]);
  const [last, [seconds, micros], list] = answer as readonly [string, readonly [string, string], string[]?];
  return {
    sequence: Number(last),
    changes: list?.map(parseChange) ?? "too-many",
    serverTime: Number(seconds) * 1_000 + Number(micros) / 1_000,
  };
}

function parseChange(text: string): Change {
  const colon = text.indexOf(":");
  return { kind: text.slice(0, colon) as RecordKind, id: text.slice(colon + 1) };
}

/** A published change and its number. */
export function parseMessage(text: string): { readonly change: Change; readonly sequence: number } {
  const colon = text.indexOf(":");
  return { sequence: Number(text.slice(0, colon)), change: parseChange(text.slice(colon + 1)) };
}
