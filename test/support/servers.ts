import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, connect as dial, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Whether a program that tests need is installed. Where it is not, that is said aloud, and where CI=true it is a
 * failure unless it is optional: tests that are left out in silence prove nothing.
 */
export function hasProgram(name: string, hint: string, isOptional = false): boolean {
  const found = spawnSync(name, ["--version"]).error === undefined;
  if (found) return true;
  if (process.env.CI === "true" && !isOptional) throw new Error(`${name} is missing: ${hint}`);
  console.warn(`\n  LEFT OUT: tests that need ${name}. To run them: ${hint}\n`);
  return false;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Where its data are. */
  readonly folder: string;
  start(): Promise<void>;
  /** Ends it as the power going out would. */
  kill(): Promise<void>;
  /** Stops it for good, and removes its folder. */
  stop(): Promise<void>;
}

export interface RedisSetup {
  /** `redis-server` by default; or `valkey-server`. */
  readonly program?: string;
  /** More of redis.conf, as words of the command line: `--requirepass secret`. */
  readonly settings?: (port: number) => readonly string[];
}

/** A server of its own, in a folder of its own, on 127.0.0.1. Every change is on disk when it is answered. */
export async function startRedis({
  program = "redis-server",
  settings = () => [],
}: RedisSetup = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-redis-"));
  const port = await freePort();
  const basics = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--save", ""];
  const disk = ["--appendonly", "yes", "--appendfsync", "always"];
  let child: ChildProcess | undefined;
  const kill = async () => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    ending.kill("SIGKILL");
    await once(ending, "exit");
  };
  const start = async () => {
    child = spawn(program, [...basics, ...disk, ...settings(port)], { stdio: ["ignore", "pipe", "ignore"] });
    await printed(child, "Ready to accept connections");
  };
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    folder,
    start,
    kill,
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for a line, and goes on reading so that the child can go on writing. */
async function printed(child: ChildProcess, line: string): Promise<void> {
  let text = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      if (text.length < 100_000) text += chunk;
      if (text.includes(line)) resolve();
    });
    child.once("exit", () => reject(new Error(`The server ended:\n${text}`)));
    child.once("error", reject);
  });
}

export interface TcpProxy {
  readonly port: number;
  /** How long each piece from the server is kept back, in milliseconds. */
  delayMs: number;
  /** Ends all connections and takes no new ones. */
  cut(): void;
  /** Neither ends connections nor lets anything through. */
  freeze(): void;
  mend(): void;
  /** Leads new connections to another port, and ends those there are. */
  redirect(port: number): void;
  close(): Promise<void>;
}

/** A way to a server on this machine that can be cut, frozen and slowed. */
export async function tcpProxy(port: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let state: "open" | "cut" | "frozen" = "open";
  const proxy = { delayMs: 0 };
  let target = port;
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  };
  const pass = (from: Socket, to: Socket, isAnswer: boolean) => {
    from.on("data", (chunk) => {
      if (state !== "frozen") setTimeout(() => to.write(chunk), isAnswer ? proxy.delayMs : 0);
    });
    from.on("close", () => to.destroy());
  };
  const server = createServer((client) => {
    track(client);
    if (state === "cut") {
      client.destroy();
      return;
    }
    const upstream = dial(target, "127.0.0.1");
    track(upstream);
    pass(client, upstream, false);
    pass(upstream, client, true);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const cut = () => {
    state = "cut";
    endAll();
  };
  return Object.assign(proxy, {
    port: (server.address() as { readonly port: number }).port,
    cut,
    freeze() {
      state = "frozen";
    },
    mend() {
      state = "open";
    },
    redirect(other: number) {
      target = other;
      endAll();
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  });
}
