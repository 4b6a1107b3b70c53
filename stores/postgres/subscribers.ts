import type { StoreError } from "../../lib/errors.ts";
import type { RemoteListener, StoreReports } from "../remote.ts";
import { readNotice } from "./changes.ts";

export interface Subscribers {
  subscribe(listener: RemoteListener): () => void;
  /** A notice as the server sent it. */
  hear(payload: string): void;
  /** Whether notices arrive from now on. */
  listening(arrive: boolean): void;
}

export function subscribers(): Subscribers {
  const listeners = new Set<RemoteListener>();
  let arrive = false;
  return {
    subscribe(listener) {
      listeners.add(listener);
      if (arrive) listener.restored();
      return () => void listeners.delete(listener);
    },
    hear(payload) {
      const notice = readNotice(payload);
      if (notice === undefined) return;
      for (const listener of listeners) listener.changed(notice.change, notice.sequence);
    },
    listening(now) {
      arrive = now;
      for (const listener of listeners) {
        if (now) listener.restored();
        else listener.lost();
      }
    },
  };
}

/** Reports the beginning and the end of each outage once. */
export function outageReports(reports: StoreReports | undefined): (fault: StoreError | undefined) => void {
  let isAway = false;
  return (fault) => {
    if (fault !== undefined && !isAway) reports?.away(fault);
    if (fault === undefined && isAway) reports?.back();
    isAway = fault !== undefined;
  };
}
