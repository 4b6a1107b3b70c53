import { boundedPerSource } from "../../lib/audit/bounded.ts";
import type { AuditEntry, AuditEvent } from "../../lib/audit/event.ts";
import { auditQueue, type QueueOptions } from "./audit-queue.ts";

export interface AuditFile {
  write(entry: AuditEntry): void;
  /** Whether what is told now can be expected to be written. */
  isWritable(): boolean;
  /** Writes what waits, as far as that is possible within two seconds. */
  close(): Promise<void>;
}

const SUMMARY_CHECK_MS = 5000;

/** Writes the audit trail to a file; a flood of one source as summaries. */
export function auditFile(options: QueueOptions): AuditFile {
  const { now } = options;
  const queue = auditQueue(options);
  const bound = boundedPerSource();
  const pushAll = (events: readonly AuditEvent[]) => {
    for (const event of events) queue.push(event);
  };
  const checking = setInterval(() => pushAll(bound.due(now())), SUMMARY_CHECK_MS).unref();
  return {
    write(entry) {
      const at = now();
      pushAll(bound.due(at));
      if (bound.admit(entry, at)) queue.push(entry.event);
    },
    isWritable: queue.isWritable,
    close() {
      clearInterval(checking);
      pushAll(bound.flush(now()));
      return queue.close();
    },
  };
}
