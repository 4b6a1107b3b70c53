import { IncomingMessage, type RequestListener, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** A connection that leads nowhere: it takes what is written. */
class NowhereSocket extends Socket {
  override readonly remoteAddress: string;

  constructor(address: string) {
    super();
    this.remoteAddress = address;
  }

  override _write(_data: unknown, _encoding: string, callback: () => void): void {
    callback();
  }

  override _writev(_chunks: unknown, callback: () => void): void {
    callback();
  }
}

/** What Node's parser fills a request by. */
type Parsed = IncomingMessage & { _addHeaderLines(rawHeaders: readonly string[], length: number): void };

/** Requests of one kind, ready to be made. */
export interface Injection {
  readonly url: string;
  /** Header fields in wire order. */
  readonly rawHeaders: readonly string[];
  /** The status that every answer must have. */
  readonly status: number;
  /** Every request comes from another address, as from callers of whom each fails but once. */
  readonly manyCallers?: boolean;
}

/** How many requests are under way at a time, as from so many connections. */
const IN_FLIGHT = 20;

/**
 * Makes requests without a network: real `IncomingMessage` and `ServerResponse` objects on connections that are kept
 * open. Rejects when one is answered with another status.
 */
export function inject(listener: RequestListener, injection: Injection, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let started = 0;
    let ended = 0;
    const next = (connection: NowhereSocket) => {
      if (started === count) return;
      started++;
      const socket = injection.manyCallers ? new NowhereSocket(newAddress()) : connection;
      const { req, res } = exchange(socket, injection);
      res.on("finish", () => {
        res.detachSocket(socket);
        ended++;
        if (res.statusCode !== injection.status) reject(new Error(`${injection.url} was answered ${res.statusCode}`));
        else if (ended === count) resolve();
        else next(connection);
      });
      listener(req, res);
    };
    for (let i = 0; i < Math.min(IN_FLIGHT, count); i++) next(new NowhereSocket("127.0.0.1"));
  });
}

let callers = 0;

function newAddress(): string {
  callers = (callers + 1) % 0x1000000;
  return `10.${callers >> 16}.${(callers >> 8) & 255}.${callers & 255}`;
}

function exchange(
  socket: NowhereSocket,
  { url, rawHeaders }: Injection,
): { req: IncomingMessage; res: ServerResponse } {
  const req = new IncomingMessage(socket) as Parsed;
  req.httpVersionMajor = 1;
  req.httpVersionMinor = 1;
  req.httpVersion = "1.1";
  req.method = "GET";
  req.url = url;
  req._addHeaderLines([...rawHeaders], rawHeaders.length);
  req.complete = true;
  req.push(null);
  const res = new ServerResponse(req);
  res.assignSocket(socket);
  return { req, res };
}
