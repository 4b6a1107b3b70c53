import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** As much of an MQTT 3.1.1 broker as one subscriber on loopback needs: messages are sent once, without acknowledgement. */
export interface MqttBroker {
  readonly port: number;
  /** Resolves once somebody has subscribed. */
  readonly subscribed: Promise<void>;
  publish(topic: string, payload: string): void;
  close(): Promise<void>;
}

const types = { connect: 1, subscribe: 8, unsubscribe: 10, ping: 12 } as const;

export async function startMqttBroker(): Promise<MqttBroker> {
  const clients = new Set<Socket>();
  let subscribe: () => void = () => undefined;
  const subscribed = new Promise<void>((resolve) => {
    subscribe = resolve;
  });
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
    socket.on("error", () => socket.destroy());
    let received: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      received = takePackets(Buffer.concat([received, chunk]), socket, subscribe);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    subscribed,
    publish(topic, payload) {
      const name = Buffer.from(topic);
      const body = Buffer.concat([Buffer.from([name.length >> 8, name.length & 0xff]), name, Buffer.from(payload)]);
      for (const client of clients) client.write(Buffer.concat([Buffer.from([0x30]), lengthBytes(body.length), body]));
    },
    async close() {
      server.close();
      for (const client of clients) client.destroy();
      await once(server, "close");
    },
  };
}

/** MQTT 3.1.1 §2.2.3: seven bits a byte, the lowest first. */
function lengthBytes(length: number): Buffer {
  const bytes: number[] = [];
  for (let rest = length; bytes.length === 0 || rest > 0; rest >>= 7)
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Buffer.from(bytes);
}

function takePackets(bytes: Buffer, socket: Socket, subscribe: () => void): Buffer {
  let rest = bytes;
  for (let packet = firstPacket(rest); packet; packet = firstPacket(rest)) {
    rest = rest.subarray(packet.end);
    answer(packet, socket, subscribe);
  }
  return rest;
}

interface Packet {
  readonly type: number;
  readonly body: Buffer;
  readonly end: number;
}

function firstPacket(bytes: Buffer): Packet | undefined {
  let length = 0;
  for (let at = 1; at < Math.min(5, bytes.length); at++) {
    const byte = bytes.readUInt8(at);
    length += (byte & 0x7f) << (7 * (at - 1));
    const end = at + 1 + length;
    if (byte < 0x80)
      return end > bytes.length ? undefined : { type: bytes.readUInt8(0) >> 4, body: bytes.subarray(at + 1, end), end };
  }
  return undefined;
}

function answer({ type, body }: Packet, socket: Socket, subscribe: () => void): void {
  if (type === types.connect) socket.write(Buffer.from([0x20, 2, 0, 0]));
  if (type === types.ping) socket.write(Buffer.from([0xd0, 0]));
  if (type === types.unsubscribe) socket.write(Buffer.concat([Buffer.from([0xb0, 2]), body.subarray(0, 2)]));
  if (type !== types.subscribe) return;
  socket.write(Buffer.concat([Buffer.from([0x90, 3]), body.subarray(0, 2), Buffer.from([0])]));
  subscribe();
}
