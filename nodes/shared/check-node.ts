import type { Node, NodeAPI } from "node-red";
import type { Carrier, Check, Given } from "../../lib/check.ts";
import type { NoteStep } from "../../lib/rehearsal.ts";
import { deploy } from "./decisions.ts";
import type { Present } from "./deployed-checks.ts";
import { type CheckNodeConfig, closeGate, enter, type Gate, type Send } from "./gate.ts";
import type { FlowMessage } from "./message.ts";
import { type StatusReport, statusReport } from "./node-status.ts";
import { underway } from "./underway.ts";
import { unavailable } from "./verdicts.ts";
import { warnOfOverriddenStatus } from "./wiring.ts";

export interface BuiltCheck {
  readonly check: Check;
  /** What the author wants taken from each message. Must not throw. */
  readonly given?: ((msg: FlowMessage) => Given) | undefined;
  /**
   * The same check for a request that is only thought up: it counts no failure and no use, and changes nothing. Absent
   * where that cannot be.
   */
  readonly rehearse?: (note: NoteStep) => Check;
  readonly present?: Present;
  close?(): void;
}

/**
 * Registers a check as a node: its life from deploy to deploy. `build` may throw a `ConfigError`; then the node says so
 * and lets nobody in. `carriersOf` names where it would look for credentials, for requests that it cannot judge.
 */
export function registerCheckNode<C extends CheckNodeConfig>(
  RED: NodeAPI,
  type: string,
  build: (config: C, node: Node, status: StatusReport) => BuiltCheck,
  carriersOf: (config: C) => readonly Carrier[] = () => [],
): void {
  RED.nodes.registerType(type, function (this: Node, config: C) {
    RED.nodes.createNode(this, config);
    const status = statusReport(this, config.observe ? "observe " : "");
    const built = tryBuild(this, status, () => build(config, this, status));
    const { check, note, forget } = deploy({ RED, node: this, config, built, status });
    const gate: Gate = {
      RED,
      node: this,
      config,
      check,
      given: built.given,
      carriers: carriersOf(config),
      note,
      underway: underway(),
      closed: false,
    };
    const forgetWiring = warnOfOverriddenStatus(RED, this);
    this.on("input", (msg, send, done) => enter(gate, msg as FlowMessage, send as Send, done));
    this.on("close", (done: () => void) => {
      status.close();
      forget();
      forgetWiring();
      built.close?.();
      closeGate(gate, done);
    });
  });
}

function tryBuild(node: Node, status: StatusReport, build: () => BuiltCheck): BuiltCheck {
  try {
    return build();
  } catch (error) {
    const text = (error as Error).message;
    node.error(text);
    status.broken(text);
    const refusal = unavailable("misconfigured", text);
    return { check: () => refusal };
  }
}
