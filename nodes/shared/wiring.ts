import type { Node, NodeAPI } from "node-red";

type Wired = Node & { readonly wires?: readonly (readonly string[])[] };

/**
 * Says at deploy when an `http response` behind the second output has a status of its own: it would turn a refusal into
 * that status, a 401 into a 200 for instance. Returns the function that stops looking.
 */
export function warnOfOverriddenStatus(RED: NodeAPI, node: Wired): () => void {
  const look = () => {
    for (const id of node.wires?.[1] ?? []) {
      const target = RED.nodes.getNode(id) as (Node & { statusCode?: unknown }) | null;
      if (target?.type === "http response" && target.statusCode) {
        node.warn(`"${target.name || target.id}" answers every refusal with its own status ${target.statusCode}`);
      }
    }
  };
  const waiting = waitingFor(RED.events);
  waiting.add(look);
  return () => waiting.delete(look);
}

type Emitter = NodeAPI["events"];

const waitingByEmitter = new WeakMap<Emitter, Set<() => void>>();

/** What to do when the flows have started, once each. One listener serves all nodes: an emitter warns of more than ten. */
function waitingFor(events: Emitter): Set<() => void> {
  const known = waitingByEmitter.get(events);
  if (known) return known;
  const waiting = new Set<() => void>();
  waitingByEmitter.set(events, waiting);
  events.on("flows:started", () => {
    for (const look of waiting) look();
    waiting.clear();
  });
  return waiting;
}
