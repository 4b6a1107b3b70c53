import type { Node } from "node-red";

/** How often the editor hears of a busy node; a status a request would flood it. */
const INTERVAL_MS = 1000;

/** What a check shows below itself: how many came through and how many did not, or what is wrong with it. */
export interface StatusReport {
  count(accepted: boolean): void;
  /** Something is wrong now; goes away when the next request can be decided. */
  fault(text: string): void;
  /** Can never work as configured; stays. */
  broken(text: string): void;
  close(): void;
}

export function statusReport(node: Node, mark = ""): StatusReport {
  const counts = { accepted: 0, rejected: 0 };
  let problem: string | undefined;
  let permanent = false;
  let timer: NodeJS.Timeout | undefined;

  const show = () => {
    timer = undefined;
    if (problem !== undefined) node.status({ fill: "red", shape: "ring", text: problem });
    else node.status({ fill: "grey", shape: "dot", text: `${mark}✓ ${counts.accepted}  ✗ ${counts.rejected}` });
  };
  const later = () => {
    timer ??= setTimeout(show, INTERVAL_MS).unref();
  };
  return {
    count(accepted) {
      if (accepted) counts.accepted++;
      else counts.rejected++;
      if (!permanent) problem = undefined;
      later();
    },
    fault(text) {
      if (!permanent) problem = text;
      later();
    },
    broken(text) {
      permanent = true;
      problem = text;
      show();
    },
    close() {
      clearTimeout(timer);
    },
  };
}
