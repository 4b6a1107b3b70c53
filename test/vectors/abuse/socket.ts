import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { parseResponse, type Response } from "./response.ts";
import type { Wire } from "./wire.ts";

export interface Exchange {
  readonly responses: readonly Response[];
  /** Whether the server ended the connection, and after how many milliseconds. */
  readonly closedAfterMs?: number;
  /** Bytes that are no complete response. */
  readonly rest: string;
}

export interface Peer {
  readonly port: number;
  /** Address the client's socket is bound to. */
  readonly from: string;
}

export interface Patience {
  /** Responses to wait for. */
  readonly responses: number;
  /** Milliseconds until waiting ends. */
  readonly waitMs: number;
  /** Wait for the end of the connection, even when the responses are complete. */
  readonly untilClosed?: boolean;
  /** Milliseconds to go on listening once the responses are complete, so that one too many is seen. */
  readonly lingerMs?: number;
}

/** A connection over which requests are sent byte by byte. */
export interface Connection {
  exchange(wire: Wire, patience: Patience): Promise<Exchange>;
  /** Tells the server that nothing more will come. */
  finish(): void;
  close(): void;
}

/** Opens a TCP connection from a chosen loopback address. */
export async function openConnection({ port, from }: Peer): Promise<Connection> {
  const socket = connect({ host: "127.0.0.1", port, localAddress: from, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  const received = receive(socket);
  return {
    exchange: (wire, patience) => exchange(socket, received, wire, patience),
    finish: () => socket.end(),
    close: () => socket.destroy(),
  };
}

interface Received {
  bytes: Buffer;
  lastAt: number;
  endedAt: number | undefined;
  wake: () => void;
}

function receive(socket: Socket): Received {
  const received: Received = { bytes: Buffer.alloc(0), lastAt: 0, endedAt: undefined, wake: () => undefined };
  const ended = () => {
    received.endedAt ??= performance.now();
    received.wake();
  };
  socket.on("data", (chunk: Buffer) => {
    received.bytes = Buffer.concat([received.bytes, chunk]);
    received.lastAt = performance.now();
    received.wake();
  });
  socket.on("end", ended);
  socket.on("close", ended);
  socket.on("error", ended);
  return received;
}

async function exchange(socket: Socket, received: Received, wire: Wire, patience: Patience): Promise<Exchange> {
  const startedAt = performance.now();
  const sending = send(socket, received, wire);
  const responses: Response[] = [];
  const deadline = startedAt + patience.waitMs;
  for (;;) {
    take(received, wire.methods, responses, startedAt);
    if (isComplete(received, responses.length, patience) || performance.now() >= deadline) break;
    await woken(received, deadline - performance.now());
  }
  if (received.endedAt === undefined && patience.lingerMs) {
    await delay(patience.lingerMs);
    take(received, wire.methods, responses, startedAt);
  }
  sending.stop();
  const closed = received.endedAt === undefined ? {} : { closedAfterMs: received.endedAt - startedAt };
  return { responses, rest: received.bytes.toString("latin1"), ...closed };
}

function isComplete(received: Received, count: number, patience: Patience): boolean {
  if (received.endedAt !== undefined) return true;
  return count >= patience.responses && !patience.untilClosed;
}

function woken(received: Received, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    received.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

/** Moves complete responses from the bytes to the list; interim ones (RFC 9110 §15.2) are dropped. */
function take(received: Received, methods: readonly string[], responses: Response[], startedAt: number): void {
  for (;;) {
    const method = methods[responses.length] ?? "GET";
    const parsed = parseResponse(received.bytes, method, received.endedAt !== undefined);
    if (!parsed) return;
    received.bytes = received.bytes.subarray(parsed.length);
    const interim = parsed.response.status < 200 && parsed.response.status !== 101;
    if (!interim) responses.push({ ...parsed.response, tookMs: received.lastAt - startedAt });
    if (parsed.response.status === 101) return;
  }
}

function send(socket: Socket, received: Received, { pieces, pauseMs }: Wire): { stop: () => void } {
  let stopped = false;
  const run = async () => {
    for (const [n, piece] of pieces.entries()) {
      if (n > 0) await delay(pauseMs);
      if (stopped || received.endedAt !== undefined || socket.destroyed) return;
      socket.write(piece);
    }
  };
  run().catch(() => socket.destroy());
  return { stop: () => (stopped = true) };
}
