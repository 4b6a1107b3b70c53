import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** A websocket client (RFC 6455) for text messages: Node 20 has none. */
export interface WebSocketClient {
  send(text: string): void;
  close(): void;
}

/** Connects to a path of a server on loopback and hands each text message to `onText`. */
export async function openWebSocket(
  port: number,
  path: string,
  onText: (text: string) => void = () => undefined,
): Promise<WebSocketClient> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await upgraded(socket, onText);
  return {
    send: (text) => void socket.write(frame(1, Buffer.from(text))),
    close: () => {
      socket.end(frame(8, Buffer.alloc(0)));
      socket.destroySoon();
    },
  };
}

/** Resolves once the server has switched protocols; whatever follows are frames. */
function upgraded(socket: Socket, onText: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    let open = false;
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the server closed the websocket")));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (!open) {
        open = received.toString("latin1").startsWith("HTTP/1.1 101") && received.includes(headEnd);
        if (!open) return;
        received = received.subarray(received.indexOf(headEnd) + headEnd.length);
        resolve();
      }
      received = takeFrames(received, socket, onText);
    });
  });
}

const headEnd = "\r\n\r\n";

function takeFrames(bytes: Buffer, socket: Socket, onText: (text: string) => void): Buffer<ArrayBuffer> {
  let rest = Buffer.from(bytes);
  for (;;) {
    const header = frameHeader(rest);
    if (!header || rest.length < header.end) return rest;
    const payload = rest.subarray(header.start, header.end);
    if (header.opcode === 1) onText(payload.toString("utf8"));
    if (header.opcode === 9) socket.write(frame(10, payload));
    rest = rest.subarray(header.end);
  }
}

/** Frames of a server are not masked. */
function frameHeader(bytes: Buffer): { opcode: number; start: number; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const opcode = bytes.readUInt8(0) & 0x0f;
  const short = bytes.readUInt8(1) & 0x7f;
  if (short < 126) return { opcode, start: 2, end: 2 + short };
  if (short === 126) return bytes.length < 4 ? undefined : { opcode, start: 4, end: 4 + bytes.readUInt16BE(2) };
  return bytes.length < 10 ? undefined : { opcode, start: 10, end: 10 + Number(bytes.readBigUInt64BE(2)) };
}

function frame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, i) => byte ^ mask.readUInt8(i % 4)));
  return Buffer.concat([Buffer.from([0x80 | opcode]), lengthBytes(payload.length), mask, masked]);
}

function lengthBytes(length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | length]);
  if (length < 65_536) return Buffer.from([0x80 | 126, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(0x80 | 127, 0);
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}
