import { createSecretKey, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeAPI } from "node-red";
import { failureThrottle } from "../../lib/failure-throttle.ts";
import type { Store } from "../../lib/store.ts";
import gatehouse from "../../plugins/gatehouse/gatehouse.ts";
import { openStore } from "../../stores/open.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: an answer's members are what the tests look at.
  readonly json: any;
}

export interface Ask {
  readonly user?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly from?: string;
}

type Mounted = (request: IncomingMessage & { body?: unknown; user?: object }, response: ServerResponse) => void;
type Listed = { readonly id: string; readonly type: string };

const permissions: Readonly<Record<string, readonly string[]>> = {
  admin: ["gatehouse.read", "gatehouse.write", "gatehouse"],
  rw: ["gatehouse.read", "gatehouse.write"],
  ro: ["gatehouse.read"],
};

/** A stand-in for Node-RED around the real plugin: its permissions, its body parser with 5 MB, its open CORS. */
export async function adminServer(settings: Readonly<Record<string, unknown>> = { adminAuth: {} }) {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-admin-"));
  const stores = new Map<string, Store>([
    ["s1", openStore({ backend: "embedded", folder, now: Date.now })],
    ["fixed", openStore({ backend: "credentials", keys: [], users: [], now: Date.now })],
  ]);
  const throttles = new Map([...stores.keys()].map((id) => [id, failureThrottle()]));
  const audit: Record<string, unknown>[] = [];
  const errors: string[] = [];
  let mounted: Mounted = () => {};
  const nodes = new Map<string, Listed & { handle?: object }>([["other", { id: "other", type: "http in" }]]);
  for (const [id, store] of stores) {
    const handle = {
      id,
      name: `store ${id}`,
      backend: store.backend,
      prefix: "gh",
      masterKey: id === "s1" ? createSecretKey(randomBytes(32)) : undefined,
      store,
      throttle: throttles.get(id),
      fault: undefined,
    };
    nodes.set(id, { id, type: "key-store-config", handle });
  }
  const broken = { id: "broken", name: "", backend: "embedded", prefix: "gh", fault: "no folder is named" };
  nodes.set("broken", { id: "broken", type: "key-store-config", handle: broken });
  const definition: { current?: { onadd: () => void } } = {};
  const RED = {
    settings,
    plugins: {
      registerPlugin: (_: string, given: { onadd: () => void }) => Object.assign(definition, { current: given }),
    },
    nodes: {
      getNode: (id: string) => nodes.get(id) ?? null,
      eachNode: (each: (node: Listed) => void) => {
        for (const node of nodes.values()) each(node);
      },
    },
    log: { audit: (line: Record<string, unknown>) => audit.push(line), error: (line: string) => errors.push(line) },
    httpAdmin: { use: (_: string, handler: Mounted) => (mounted = handler) },
    auth: {
      needsPermission: (permission: string) => needs(permission, Boolean(settings.adminAuth)),
    },
  };
  gatehouse(RED as unknown as NodeAPI);
  definition.current?.onadd();
  const server = createServer((incoming, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    void parsed(incoming).then((body) => {
      incoming.url = (incoming.url ?? "").replace(/^\/gatehouse/, "");
      mounted(Object.assign(incoming, { body }), response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ask = (method: string, path: string, options: Ask = {}) => exchange(port, method, path, options);
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
    for (const store of stores.values()) await store.close();
    rmSync(folder, { recursive: true });
  };
  return { ask, audit, errors, stores, throttles, nodes, port, stop };
}

export type AdminServer = Awaited<ReturnType<typeof adminServer>>;

function needs(permission: string, hasAdminAuth: boolean) {
  return (incoming: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (!hasAdminAuth) return next();
    const user = /^Bearer (\w+)$/.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
    if (!permissions[user]?.includes(permission)) {
      response.statusCode = 401;
      return response.end("Unauthorized");
    }
    Object.assign(incoming, { user: { username: user } });
    return next();
  };
}

async function parsed(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const isJson = incoming.headers["content-type"]?.startsWith("application/json");
  return isJson && chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
}

async function exchange(port: number, method: string, path: string, options: Ask): Promise<Answer> {
  const { user = "admin", body, from = "127.0.0.1" } = options;
  const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const outgoing = request({
    port,
    host: "127.0.0.1",
    localAddress: from,
    method,
    path: `/gatehouse${path}`,
    headers: {
      ...(user !== null && { authorization: `Bearer ${user}` }),
      ...(text !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
      ...options.headers,
    },
  });
  outgoing.end(text);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const received = Buffer.concat(chunks).toString();
  const isJson = incoming.headers["content-type"]?.match(/^application\/(problem\+)?json$/);
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text: received,
    json: isJson && received ? JSON.parse(received) : undefined,
  };
}
