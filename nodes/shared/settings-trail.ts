import { hash } from "node:crypto";
import type { Node } from "node-red";
import { changeEvent } from "../../lib/audit/change.ts";
import { tell } from "./audit-trail.ts";

/** What has no bearing on who gets in. */
const drawn = new Set(["x", "y", "wires", "g", "z", "_alias", "_users"]);
const NODE_LIMIT = 10_000;
/** A deploy makes its nodes one after the other; whoever listens is there by then. */
const AFTER_DEPLOY_MS = 500;

/** Digests of the settings of each node, by property. */
const known = new Map<string, ReadonlyMap<string, string>>();

/**
 * Leaves it to the audit trail when a node is deployed with other settings than before: which ones, not what they are.
 * Who deployed is in Node-RED's own audit log. `store` is the one that the node works with.
 */
export function noteSettings(node: Node, config: object, store: string | undefined): void {
  const now = new Map(
    Object.entries(config)
      .filter(([name]) => !drawn.has(name))
      .map(([name, value]) => [name, hash("sha256", JSON.stringify(value) ?? "", "base64url")] as const),
  );
  const before = known.get(node.id);
  known.delete(node.id);
  if (known.size >= NODE_LIMIT) known.delete(known.keys().next().value as string);
  known.set(node.id, now);
  if (!before) return;
  const members = [...new Set([...now.keys(), ...before.keys()])].filter((name) => now.get(name) !== before.get(name));
  if (members.length === 0) return;
  const about = { event: "settings", result: "changed", actorKind: "unknown", actor: "deploy" } as const;
  const event = changeEvent({
    at: Date.now(),
    ...about,
    from: undefined,
    node: node.id,
    object: node.id,
    members,
    ...(store !== undefined && { store }),
  });
  setTimeout(() => tell(() => ({ event, source: "deploy" })), AFTER_DEPLOY_MS).unref();
}
