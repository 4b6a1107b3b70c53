import type { Node, NodeAPI, NodeDef } from "node-red";
import { boundedPerSource } from "../../lib/audit/bounded.ts";
import type { AuditEntry, AuditEvent, AuditResult } from "../../lib/audit/event.ts";
import { everyNth } from "../../lib/audit/every-nth.ts";
import { eventFilter } from "../../lib/audit/filter.ts";
import { hear } from "../shared/audit-trail.ts";
import type { AuthEventsConfig } from "./config.ts";
import { watchExpiry } from "./watch-expiry.ts";

type Definition = NodeDef & AuthEventsConfig;
type Emit = (event: AuditEvent) => void;

/** How often summaries are looked for; a window lasts a minute. */
const SUMMARY_CHECK_MS = 5000;
const STATUS_MS = 1000;
/** The results that a choice of the dialog stands for. */
const choices = [
  ["accepted", "accepted"],
  ["rejected", "rejected"],
  ["observed", "observed"],
  ["changes", "changed"],
  ["denied", "denied"],
] as const;

export default function authEvents(RED: NodeAPI): void {
  RED.nodes.registerType("auth-events", function (this: Node, config: Definition) {
    RED.nodes.createNode(this, config);
    const status = countingStatus(this);
    const emit: Emit = (event) => {
      status.count();
      this.send({ topic: event.event, payload: event } as never);
    };
    const ends = [listen(config, emit), status.close];
    if (config.expiryDays > 0) ends.push(watchExpiry(RED, config, emit, (error) => this.warn(error)));
    this.on("close", (done: () => void) => {
      for (const end of ends) end();
      done();
    });
  });
}

/** Passes on what the node is to tell, until the returned function is called. */
function listen(config: Definition, emit: Emit): () => void {
  const results = choices.flatMap(([choice, result]): AuditResult[] => (config[choice] ? [result] : []));
  const wants = eventFilter({
    results: [...results, "noted"],
    reasons: config.reasons,
    node: config.check,
    store: config.store,
  });
  const nth = everyNth({ every: whole(config.every, 1), windowMs: whole(config.within, 60) * 1000 });
  const bound = boundedPerSource({ perSource: whole(config.perMinute, 60) });
  const summaries = () => {
    for (const summary of bound.due(Date.now())) emit(summary);
  };
  const forget = hear((entry: AuditEntry) => {
    if (!wants(entry.event)) return;
    const now = Date.now();
    const count = nth(entry, now);
    if (count === undefined) return;
    summaries();
    if (bound.admit(entry, now)) emit(count === 1 ? entry.event : { ...entry.event, count, source: entry.source });
  });
  const timer = setInterval(summaries, SUMMARY_CHECK_MS).unref();
  return () => {
    forget();
    clearInterval(timer);
  };
}

function whole(value: unknown, otherwise: number): number {
  const number = Math.trunc(Number(value));
  return number >= 1 ? number : otherwise;
}

/** How many events came, shown at most once a second. */
function countingStatus(node: Node) {
  let told = 0;
  let timer: NodeJS.Timeout | undefined;
  const show = () => {
    timer = undefined;
    node.status({ fill: "grey", shape: "dot", text: String(told) });
  };
  return {
    count() {
      told++;
      timer ??= setTimeout(show, STATUS_MS).unref();
    },
    close: () => clearTimeout(timer),
  };
}
