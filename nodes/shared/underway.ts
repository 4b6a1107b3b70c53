import type { FlowMessage } from "./message.ts";

/**
 * Messages that a node has sent and that have not arrived: Node-RED delivers them in the next turn of the event loop, and
 * drops them when a deploy comes between.
 */
export interface Underway {
  note(msg: FlowMessage): void;
  /** Those that are on their way now. */
  take(): readonly FlowMessage[];
}

export function underway(): Underway {
  let messages: FlowMessage[] = [];
  return {
    note(msg) {
      // Called after the message was sent, so this comes after its delivery.
      if (messages.push(msg) > 1) return;
      setImmediate(() => {
        messages = [];
      });
    },
    take() {
      const taken = messages;
      messages = [];
      return taken;
    },
  };
}
