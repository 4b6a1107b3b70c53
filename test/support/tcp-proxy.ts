import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can be cut, frozen or slowed down. */
export interface TcpProxy {
  readonly port: number;
  /** Ends all connections and takes no more. */
  cut(): void;
  /** Takes connections and bytes, and hands nothing on. */
  freeze(): void;
  /** Hands on each piece so much later. */
  delay(ms: number): void;
  /** Works as it should again, for new connections. */
  heal(): void;
  /** Leads new connections to another port, and ends the others. */
  redirect(port: number): void;
  close(): Promise<void>;
}

/** A proxy on a free port of 127.0.0.1 to another. */
export async function tcpProxy(port: number): Promise<TcpProxy> {
  let mode: "open" | "cut" | "frozen" = "open";
  let delayMs = 0;
  let to = port;
  const sockets = new Set<Socket>();
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };
  const forward = (from: Socket, into: Socket) => {
    from.on("data", (piece) => {
      const pass = () => {
        if (mode === "open" && !into.destroyed) into.write(piece);
      };
      if (delayMs === 0) pass();
      else setTimeout(pass, delayMs);
    });
    from.once("close", () => {
      if (mode === "open") into.destroy();
    });
  };
  const server = createServer((near) => {
    keep(near);
    if (mode === "cut") near.destroy();
    if (mode !== "open") return;
    const far = keep(connect(to, "127.0.0.1"));
    forward(near, far);
    forward(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { readonly port: number }).port,
    cut() {
      mode = "cut";
      destroyAll();
    },
    freeze() {
      mode = "frozen";
    },
    delay(ms) {
      delayMs = ms;
    },
    heal() {
      mode = "open";
      delayMs = 0;
    },
    redirect(port) {
      to = port;
      destroyAll();
    },
    async close() {
      destroyAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
