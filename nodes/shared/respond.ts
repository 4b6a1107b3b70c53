import { ServerResponse } from "node:http";
import type { Answer } from "../../lib/http/answer.ts";

/** Express' response, in the wrapper that `http in` puts round it. */
interface WrappedResponse {
  readonly _res?: unknown;
}

/** Answers a request past the flow, once: for a check whose second output leads nowhere, or that was taken away. */
export function respond(res: unknown, { status, headers, body }: Answer): void {
  const response = (res as WrappedResponse | null | undefined)?._res;
  // A stranger may have written it, as the rest of a message that came by a websocket.
  if (!(response instanceof ServerResponse) || response.headersSent || response.writableEnded) return;
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
