import { type ServerResponse, STATUS_CODES } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Problem } from "../../lib/admin/reader.ts";

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as JSON lines, instead of `body`. */
  readonly lines?: AsyncIterable<string>;
}

/** A problem document (RFC 9457). `errors` names the members at fault. */
export function problem(status: number, detail: string, errors?: readonly Problem[]): Reply {
  return {
    status,
    headers: { "content-type": "application/problem+json" },
    body: { type: "about:blank", title: STATUS_CODES[status], status, detail, ...(errors && { errors }) },
  };
}

/** The problem of a body whose members are at fault. */
export function invalid(errors: readonly Problem[]): Reply {
  const [first] = errors;
  return problem(422, first ? `${first.pointer || "The body"} ${first.detail}` : "The body is not valid.", errors);
}

/** One record, with its version as entity tag for `If-Match`. */
export function recordReply<B extends { readonly version: number }>(status: 200 | 201, body: B): Reply {
  return { status, headers: { etag: `"${body.version}"` }, body };
}

/** What every answer of these routes carries, also one that Node-RED gives: nothing is cached, and no other origin reads it. */
export function setCommonHeaders(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) {
    if (name.startsWith("access-control-")) response.removeHeader(name);
  }
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("X-Content-Type-Options", "nosniff");
}

/** Sends the reply; the answer is cut off when `lines` fail on the way. */
export async function send(response: ServerResponse, reply: Reply): Promise<void> {
  response.statusCode = reply.status;
  if (reply.lines) {
    response.setHeader("Content-Type", "application/jsonl; charset=utf-8");
    return pipeline(Readable.from(reply.lines), response);
  }
  response.setHeader("Content-Type", "application/json");
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  response.end(JSON.stringify(reply.body));
}
