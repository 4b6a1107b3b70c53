import type { RecordKind } from "./records.ts";
import type { RecordUse } from "./store.ts";

/** When keys and users were last used: noted in memory on the request's path, written to the store off it. */
export interface UsageLog {
  /** Notes a use, at most once a second for each secret; `digest` is that of a key's. `from` is asked only then. */
  note(kind: RecordKind, id: string, digest: string | undefined, from: () => string): void;
  /** What is to be written now: of each record at most once a minute, or with `all` whatever is not written yet. */
  due(all?: boolean): readonly RecordUse[];
  /** Takes back what could not be written, for the next time. */
  failed(uses: readonly RecordUse[]): void;
}

export interface UsageLogOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Records remembered at once; the uses of others go unnoted until some are forgotten. 20,000 by default. */
  readonly entries?: number;
}

interface Entry {
  readonly kind: RecordKind;
  readonly id: string;
  at: number;
  from: string;
  /** When each secret was used, by digest. */
  secrets: Map<string, number>;
  /** When the record was handed out to be written. */
  writtenAt: number;
  isDirty: boolean;
}

const noteEveryMs = 1000;
const writeEveryMs = 60_000;

export function usageLog({ now, entries = 20_000 }: UsageLogOptions): UsageLog {
  const known = { key: new Map<string, Entry>(), user: new Map<string, Entry>() };

  function entryOf(kind: RecordKind, id: string): Entry | undefined {
    const entry = known[kind].get(id);
    if (entry || known.key.size + known.user.size >= entries) return entry;
    const fresh: Entry = { kind, id, at: 0, from: "", secrets: new Map(), writtenAt: 0, isDirty: false };
    known[kind].set(id, fresh);
    return fresh;
  }

  /** What was written long enough ago is forgotten: nothing more is to be kept of it. */
  function settle(entry: Entry, at: number): void {
    if (!entry.isDirty && at - entry.writtenAt >= writeEveryMs) known[entry.kind].delete(entry.id);
  }

  function handOut(entry: Entry, at: number): RecordUse {
    const secrets = [...entry.secrets].map(([digest, usedAt]) => ({ digest, at: usedAt }));
    Object.assign(entry, { writtenAt: at, isDirty: false, secrets: new Map() });
    return { kind: entry.kind, id: entry.id, at: entry.at, from: entry.from, secrets };
  }

  return {
    note(kind, id, digest, from) {
      const at = now();
      const entry = entryOf(kind, id);
      const seenAt = digest === undefined ? entry?.at : entry?.secrets.get(digest);
      if (!entry || (entry.isDirty && seenAt !== undefined && at - seenAt < noteEveryMs)) return;
      entry.at = at;
      entry.from = from();
      entry.isDirty = true;
      if (digest !== undefined) entry.secrets.set(digest, at);
    },
    due(all = false) {
      const at = now();
      const uses: RecordUse[] = [];
      for (const entry of [...known.key.values(), ...known.user.values()]) {
        if (entry.isDirty && (all || at - entry.writtenAt >= writeEveryMs)) uses.push(handOut(entry, at));
        else settle(entry, at);
      }
      return uses;
    },
    failed(uses) {
      for (const use of uses) {
        const entry = entryOf(use.kind, use.id);
        if (entry) takeBack(entry, use);
      }
    },
  };
}

/** What was noted since is later. */
function takeBack(entry: Entry, { at, from, secrets }: RecordUse): void {
  if (!entry.isDirty) Object.assign(entry, { at, from });
  for (const secret of secrets) {
    if (!entry.secrets.has(secret.digest)) entry.secrets.set(secret.digest, secret.at);
  }
  Object.assign(entry, { isDirty: true, writtenAt: 0 });
}
