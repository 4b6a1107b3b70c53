/** An HTTP response as it came over the wire. */
export interface Response {
  readonly status: number;
  /** Status line and header lines, latin1. */
  readonly head: string;
  /** Lower-case name, value, in wire order. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Milliseconds from the last byte sent to the last byte received. */
  readonly tookMs: number;
}

type Parsed = { readonly response: Omit<Response, "tookMs">; readonly length: number };

/**
 * The first response in the bytes, or undefined while it is incomplete. `ended`: nothing follows, so that a body without
 * a length is complete.
 */
export function parseResponse(bytes: Buffer, method: string, ended: boolean): Parsed | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const [statusLine = "", ...lines] = head.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const body = parseBody(bytes.subarray(headEnd + 4), status, headers, method, ended);
  if (!body) return undefined;
  return { response: { status, head, headers, body: body.text }, length: headEnd + 4 + body.length };
}

interface Body {
  readonly text: string;
  readonly length: number;
}

function parseBody(
  rest: Buffer,
  status: number,
  headers: Response["headers"],
  method: string,
  ended: boolean,
): Body | undefined {
  const field = (name: string) => headers.find(([candidate]) => candidate === name)?.[1];
  if (method === "HEAD" || status === 204 || status === 304 || status < 200) return { text: "", length: 0 };
  if (/chunked/i.test(field("transfer-encoding") ?? "")) return parseChunks(rest);
  const length = field("content-length");
  if (length === undefined) return ended ? { text: rest.toString("latin1"), length: rest.length } : undefined;
  if (rest.length < Number(length)) return undefined;
  return { text: rest.toString("latin1", 0, Number(length)), length: Number(length) };
}

function parseChunks(rest: Buffer): Body | undefined {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.toString("latin1", at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (rest.length < end + 2) return undefined;
    if (size === 0) return { text: parts.join(""), length: end + 2 };
    parts.push(rest.toString("latin1", lineEnd + 2, end));
    at = end + 2;
  }
}
