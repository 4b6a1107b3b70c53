import type { NodeRed } from "./node-red.ts";
import { openWebSocket } from "./websocket.ts";

export interface NodeStatus {
  readonly fill?: string;
  readonly shape?: string;
  readonly text?: string;
}

/** What an open editor is told: node statuses, debug messages, notifications. */
export interface EditorFeed {
  /** The latest status of a node. */
  statusOf(nodeId: string): NodeStatus | undefined;
  /** Everything since the last call, as text. */
  drain(): { readonly statuses: string; readonly debug: string };
  close(): void;
}

interface FeedEntry {
  readonly auth?: string;
  readonly topic?: string;
  readonly data?: unknown;
}

/** Listens as the editor does, with the rights of the editor user `admin` where there is a login. */
export async function followEditor(nodeRed: NodeRed, hasLogin = true): Promise<EditorFeed> {
  const statuses = new Map<string, NodeStatus>();
  let seen: { topic: string; text: string }[] = [];
  let accepted: () => void = () => undefined;
  const authorised = new Promise<void>((resolve) => {
    accepted = resolve;
  });
  const path = new URL(`${nodeRed.adminUrl}/comms`).pathname;
  const take = ({ auth, topic, data }: FeedEntry) => {
    if (auth === "ok") accepted();
    if (topic === undefined) return;
    seen.push({ topic, text: JSON.stringify(data) ?? "" });
    const id = /^status\/(.+)$/.exec(topic)?.[1];
    if (id) statuses.set(id, (data ?? {}) as NodeStatus);
  };
  const socket = await openWebSocket(nodeRed.port, path, (text) => {
    for (const entry of [JSON.parse(text)].flat() as readonly FeedEntry[]) take(entry);
  });
  if (hasLogin) {
    socket.send(JSON.stringify({ auth: await nodeRed.adminToken("admin") }));
    await authorised;
  }
  for (const topic of ["status/#", "debug", "notification/#"]) socket.send(JSON.stringify({ subscribe: topic }));
  return {
    statusOf: (nodeId) => statuses.get(nodeId),
    drain: () => {
      const drained = seen;
      seen = [];
      const of = (wanted: RegExp) =>
        drained.flatMap(({ topic, text }) => (wanted.test(topic) ? [text] : [])).join("\n");
      return { statuses: of(/^status\//), debug: of(/^debug/) };
    },
    close: socket.close,
  };
}
