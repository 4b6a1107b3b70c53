import { expand, expandCredentials, type Scope, Unsupported } from "./placeholders.ts";
import type { CaseRequest } from "./types.ts";

/** Bytes to send, in pieces with pauses between them. */
export interface Wire {
  readonly pieces: readonly Buffer[];
  /** Milliseconds between two pieces. */
  readonly pauseMs: number;
  /** Methods of the requests in the bytes, as far as they can be told: HEAD is answered without a body. */
  readonly methods: readonly string[];
}

/** The bytes of a case's request. */
export async function wireOf(request: CaseRequest, scope: Scope): Promise<Wire> {
  if (request.tls !== undefined) throw new Unsupported("client certificates");
  if (request.raw !== undefined) return rawWire(await expandAll(request.raw, scope));
  const method = await expand(request.method ?? "GET", scope);
  const target = await expandAll(request.path ?? "/", scope);
  const body = request.body === undefined ? undefined : await expandAll(request.body, scope);
  const lines: string[] = [`${method} ${target} HTTP/1.1`];
  for (const [name, value] of headersOf(request)) {
    if (name === "{{repeatHeaders}}") lines.push(...repeatedLines(value));
    else lines.push(`${await expandAll(name, scope)}: ${await headerValue(name, value, request, body, scope)}`);
  }
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return { pieces: [Buffer.concat([head, bodyBytes(request, body)])], pauseMs: 0, methods: [method] };
}

async function expandAll(text: string, scope: Scope): Promise<string> {
  return expandCredentials(await expand(text, scope), scope);
}

function headersOf(request: CaseRequest): readonly (readonly [string, string])[] {
  const headers = request.headers ?? [];
  if (!request.keepAlive) return headers;
  return headers.filter(([name, value]) => !(/^connection$/i.test(name) && /^close$/i.test(value)));
}

/** A length that was counted before the placeholders were replaced is counted again. */
async function headerValue(
  name: string,
  value: string,
  request: CaseRequest,
  body: string | undefined,
  scope: Scope,
): Promise<string> {
  const counted = /^content-length$/i.test(name) && body !== undefined && body !== request.body;
  if (counted && value.trim() === String(encoded(request.body ?? "").length)) return String(encoded(body).length);
  return expandAll(value, scope);
}

function repeatedLines(value: string): readonly string[] {
  const [, name, text, times] = /^([^:]*):([\s\S]*) x (\d+)$/.exec(value) ?? [];
  if (name === undefined || text === undefined) throw new Unsupported(`{{repeatHeaders}} of the form ${value}`);
  return new Array<string>(Number(times)).fill(`${name}: ${text}`);
}

function bodyBytes(request: CaseRequest, body: string | undefined): Buffer {
  const bytes = encoded(body ?? "");
  if (!request.chunked) return bytes;
  const chunks: Buffer[] = [];
  let start = 0;
  for (const size of [...request.chunked, Number.POSITIVE_INFINITY]) {
    const chunk = bytes.subarray(start, start + size);
    start += chunk.length;
    if (chunk.length > 0) chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}

/** One byte a character, but UTF-8 where a character does not fit. */
function encoded(text: string): Buffer {
  const isLatin1 = Buffer.from(text, "latin1").toString("latin1") === text;
  return Buffer.from(text, isLatin1 ? "latin1" : "utf8");
}

const slow = /^\{\{slow:(\d+) bytes? per (second|\d+ ?ms):([\s\S]*)\}\}$/;

function rawWire(raw: string): Wire {
  const [, count, period, text] = slow.exec(raw) ?? [];
  if (raw.startsWith("{{slow:") && text === undefined) throw new Unsupported("a {{slow:…}} of this form");
  const bytes = Buffer.from(text ?? raw, "latin1");
  const methods = requestMethods(text ?? raw);
  if (count === undefined) return { pieces: [bytes], pauseMs: 0, methods };
  const size = Number(count);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => {
    return bytes.subarray(n * size, (n + 1) * size);
  });
  return { pieces, pauseMs: period === "second" ? 1000 : Number.parseInt(period ?? "", 10), methods };
}

function requestMethods(raw: string): readonly string[] {
  return [...raw.matchAll(/(?:^|\r\n)([A-Z]+) [^\r\n]* HTTP\/1\.[01]\r\n/g)].map(([, method = ""]) => method);
}

/** True for requests that take many seconds by intent. */
export function isSlow(request: CaseRequest | undefined): boolean {
  return request?.raw?.includes("{{slow:") ?? false;
}
