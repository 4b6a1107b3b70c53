import { setTimeout as delay } from "node:timers/promises";
import type { NodeAPI } from "node-red";
import type { KeyStoreHandle } from "../../nodes/shared/config-nodes.ts";

const nodeType = "key-store-config";
/** How long the list of stores waits for one that is starting. */
const patienceMs = 500;

/** The stores that are deployed and started. */
export interface Handles {
  find(id: string): KeyStoreHandle | undefined;
  all(): readonly KeyStoreHandle[];
}

export function deployedHandles(RED: NodeAPI): Handles {
  const find = (id: string) => handleOf(RED.nodes.getNode(id));
  return {
    find,
    all() {
      const ids: string[] = [];
      RED.nodes.eachNode((definition) => {
        if (definition.type === nodeType) ids.push(definition.id);
      });
      return ids.flatMap((id) => find(id) ?? []);
    },
  };
}

function handleOf(node: unknown): KeyStoreHandle | undefined {
  if (typeof node !== "object" || node === null || !("type" in node) || node.type !== nodeType) return undefined;
  return "handle" in node ? (node.handle as KeyStoreHandle) : undefined;
}

export interface StoreState {
  readonly state: "ready" | "starting" | "fault";
  readonly fault?: string;
}

/** Whether a store answers. */
export async function stateOf({ store, fault }: KeyStoreHandle): Promise<StoreState> {
  if (!store) return { state: "fault", fault: fault ?? "The store cannot work." };
  const ready = store.ready().then(
    () => ({ state: "ready" }) as const,
    (error: unknown) => ({ state: "fault", fault: (error as Error).message }) as const,
  );
  return Promise.race([ready, delay(patienceMs, { state: "starting" } as const, { ref: false })]);
}
