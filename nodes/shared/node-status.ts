import type { Node } from "node-red";
import type { Verdict } from "../../lib/check.ts";

/** How often the editor hears of a busy node; a status a request would flood it. */
const INTERVAL_MS = 1000;

/** What is counted: a verdict, or what has as much in common with one. */
type Counted =
  | Pick<Extract<Verdict, { accepted: true }>, "accepted">
  | { readonly accepted: false; readonly status: number; readonly reason?: string; readonly detail?: string };

/** What a node shows below itself: how many came through and how many did not, or what is wrong with it. */
export interface StatusReport {
  /** A request that was decided, or could not be: a 503 shows as what is wrong until the next one that is decided. */
  count(verdict: Counted): void;
  /** Something is wrong now, or no longer is. */
  problem(text: string | undefined): void;
  /** Can never work as configured; stays. */
  broken(text: string): void;
  close(): void;
}

export function statusReport(node: Node, mark = ""): StatusReport {
  let accepted = 0;
  let rejected = 0;
  let wrong: string | undefined;
  let permanent = false;
  let timer: NodeJS.Timeout | undefined;

  const show = () => {
    timer = undefined;
    if (wrong !== undefined) node.status({ fill: "red", shape: "ring", text: wrong });
    else node.status({ fill: "grey", shape: "dot", text: `${mark}✓ ${accepted}  ✗ ${rejected}` });
  };
  const problem = (text: string | undefined) => {
    if (!permanent) wrong = text;
    timer ??= setTimeout(show, INTERVAL_MS).unref();
  };
  return {
    count(verdict) {
      if (verdict.accepted) accepted++;
      else rejected++;
      problem(!verdict.accepted && verdict.status === 503 ? (verdict.detail ?? verdict.reason) : undefined);
    },
    problem,
    broken(text) {
      permanent = true;
      wrong = text;
      show();
    },
    close: () => clearTimeout(timer),
  };
}
