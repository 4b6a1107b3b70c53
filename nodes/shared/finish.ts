import type { Node } from "node-red";
import type { FlowMessage } from "./message.ts";

export type Done = (error?: Error) => void;

/**
 * Calls `done`, and does not throw. Complete and Catch nodes get copies of the message, and there are messages that cannot
 * be copied, such as very deep ones.
 */
export function finish(node: Node, msg: FlowMessage, done: Done, fault?: Error): void {
  const { req, res } = msg;
  try {
    done(fault);
  } catch (error) {
    repair(msg, req, res);
    node.error(error);
  }
}

/** While Node-RED copies a message it takes these two out, and when the copy fails it does not put them back. */
export function repair(msg: FlowMessage, req: unknown, res: unknown): void {
  if (req !== undefined) msg.req ??= req;
  if (res !== undefined) msg.res ??= res;
}
