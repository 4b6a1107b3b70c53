import { StoreError } from "../../lib/errors.ts";
import type { RecordKind, RecordMap } from "../../lib/records.ts";
import type { Change } from "../../lib/store.ts";
import { hasDigest } from "../../stores/record-rules.ts";
import type { RemoteListener, RemoteStore } from "../../stores/remote.ts";

type AnyRecord = RecordMap[RecordKind];

/** A server of one connection whose every answer, notice and outage the test decides. */
export function fakeServer() {
  const records = new Map<string, AnyRecord>();
  const listeners = new Set<RemoteListener>();
  let log: (Change | undefined)[] = [];
  let fault: StoreError | undefined;
  let isClosed = false;
  let hold: Promise<void> | undefined;
  const server = {
    reads: 0,
    looks: 0,
    /** Sends no notices. */
    muted: false,
    loseAnswer: false,
    cutAfterWrite: false,
    put<K extends RecordKind>(kind: K, record: RecordMap[K]): void {
      records.set(`${kind}:${record.id}`, record);
    },
    /** What another client writes. */
    write<K extends RecordKind>(kind: K, record: RecordMap[K]): void {
      server.put(kind, record);
      note({ kind, id: record.id });
    },
    silently(action: () => void): void {
      const before = server.muted;
      server.muted = true;
      action();
      server.muted = before;
    },
    repeatNotices() {
      for (const [index, change] of log.entries()) if (change !== undefined) send(change, index + 1);
    },
    forgetChanges() {
      log = log.map(() => undefined);
    },
    /** Restarts with the first `last` changes only. */
    goBack(last: number, restore: () => void) {
      log = log.slice(0, last);
      restore();
    },
    /** Of all but writes. */
    holdNextAnswer() {
      let release: () => void = () => undefined;
      hold = new Promise((resolve) => {
        release = resolve;
      });
      return { release };
    },
    fail(given: StoreError) {
      fault = given;
    },
    cut() {
      fault ??= new StoreError("unreachable", "cut");
      for (const listener of listeners) listener.lost();
    },
    mend() {
      if (fault?.code === "unreachable") fault = undefined;
      for (const listener of listeners) listener.restored();
    },
    connect: (): RemoteStore => remote,
  };
  const send = (change: Change, number: number) => {
    if (!server.muted && fault === undefined) for (const listener of listeners) listener.changed(change, number);
  };
  const note = (change: Change) => {
    log.push(change);
    send(change, log.length);
  };
  const answer = async <T>(action: () => T): Promise<T> => {
    if (isClosed) throw new StoreError("closed", "closed");
    if (fault !== undefined) throw fault;
    return action();
  };
  const answerReading = async <T>(action: () => T): Promise<T> => {
    const held = hold;
    hold = undefined;
    const found = await answer(action);
    await held;
    return found;
  };
  const writing = async (allowed: (stored: AnyRecord | undefined) => boolean, change: Change, action: () => void) => {
    const written = await answer(() => {
      if (!allowed(records.get(`${change.kind}:${change.id}`))) return false;
      action();
      note(change);
      return true;
    });
    if (server.cutAfterWrite) server.cut();
    if (server.loseAnswer) throw new StoreError("unreachable", "no answer");
    return written;
  };
  const remote: RemoteStore = {
    backend: "redis",
    ready: () => answer(() => undefined),
    get: <K extends RecordKind>(kind: K, id: string) =>
      answerReading(() => {
        server.reads += 1;
        return records.get(`${kind}:${id}`) as RecordMap[K] | undefined;
      }),
    findKeyByDigest: (digest) =>
      answerReading(() => {
        server.reads += 1;
        const keys = [...records.values()].filter((record) => "secrets" in record);
        return keys.find((key) => hasDigest(key, digest));
      }),
    put: (kind, record) =>
      writing(
        (stored) => (stored?.version ?? 0) === record.version - 1,
        { kind, id: record.id },
        () => records.set(`${kind}:${record.id}`, record),
      ),
    remove: (kind, id, version) =>
      writing(
        (stored) => stored?.version === version,
        { kind, id },
        () => records.delete(`${kind}:${id}`),
      ),
    touch: (uses) =>
      answer(() => {
        for (const { kind, id, at, from } of uses) {
          const record = records.get(`${kind}:${id}`);
          if (record) records.set(`${kind}:${id}`, { ...record, lastUsedAt: at, lastUsedFrom: from });
        }
      }),
    list: () => answer(() => ({ items: [] })),
    take: () => answer(() => ({ allowed: true, remaining: 0, retryAfterMs: 0, resetMs: 0 })),
    claim: () => answer(() => true),
    changesSince: (asked) =>
      answerReading(() => {
        server.looks += 1;
        const changes = asked > log.length ? [undefined] : log.slice(asked);
        const known = changes.filter((change) => change !== undefined);
        return { sequence: log.length, changes: known.length < changes.length ? "too-many" : known };
      }),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      isClosed = true;
    },
  };
  return server;
}
