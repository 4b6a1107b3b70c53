import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type EditorFeed, followEditor } from "../../harness/editor-feed.ts";
import { type NodeRed, packageRoot, startNodeRed } from "../../harness/node-red.ts";
import { type Arrangement, flowsOf } from "./flows.ts";
import type { Values } from "./placeholders.ts";
import { forgedKey, keyPrefix, makeSeed, maskedKey, type Seed, sow, splicedKey } from "./seed.ts";
import type { AbuseIndex } from "./types.ts";

/** What the nodes of one route have seen since the start. */
export interface Counted {
  readonly seen: number;
  readonly out1: number;
  readonly out2: number;
}

export interface ProbeReport {
  readonly counters: Readonly<Record<string, Counted>>;
  /** Comparisons of password hashes. */
  readonly hashes: number;
  readonly prototype: readonly string[];
  readonly rss: number;
}

/** A Node-RED with the fixtures, on one address. */
export interface Server {
  readonly nodeRed: NodeRed;
  readonly feed: EditorFeed;
  /** Milliseconds since the epoch, to within a second. */
  readonly startedAt: number;
  probe(command?: Readonly<Record<string, string>>): Promise<ProbeReport>;
  arrange(wanted: Partial<Omit<Arrangement, "folder" | "otherFolder">>): Promise<void>;
  /** Deploys all flows as they are. */
  redeploy(): Promise<void>;
}

/** How a server differs from the usual one. */
export interface Variant {
  readonly bind?: string;
  /** Null: the editor asks nobody who they are. */
  readonly adminAuth?: null;
  readonly anonymousPermissions?: string;
}

export interface World {
  server(variant?: Variant): Promise<Server>;
  /** The plain texts of the fixtures as they are stored now. */
  seed(): Seed;
  /** Where they are stored now. */
  folders(): Promise<Pick<Arrangement, "folder" | "otherFolder">>;
  values(server: Server): Values;
  /** Notes that a case changes the stores. */
  soil(): void;
  /** Makes new stores if a case changed the ones there are. */
  renew(): void;
  end(): Promise<void>;
}

const plain: Omit<Arrangement, "folder" | "otherFolder"> = { ip: "F-ip", store: "there" };

/** Starts servers as they are asked for. `wantedKeys` names the keys that cases speak of. */
export async function makeWorld(index: AbuseIndex, wantedKeys: Iterable<string>): Promise<World> {
  const servers = new Map<string, Promise<Server>>();
  const root = mkdtempSync(join(tmpdir(), "gatehouse-stores-"));
  const initial = await makeSeed(index, wantedKeys, Date.now());
  const fresh = () => ({ ...initial, texts: new Map(initial.texts), ids: new Map(initial.ids) });
  let seed = fresh();
  let generation = 0;
  let soiled = false;
  let sown: Promise<Pick<Arrangement, "folder" | "otherFolder">> | undefined;
  const folders = () => {
    sown ??= sowGeneration(initial, root, ++generation);
    return sown;
  };
  const start = async ({ adminAuth, ...variant }: Variant): Promise<Server> => {
    let current: Arrangement = { ...plain, ...(await folders()) };
    const nodeRed = await startNodeRed({
      ...variant,
      ...(adminAuth === null && { settings: { adminAuth } }),
      flows: flowsOf(current, index),
      settingsModule: join(packageRoot, "test/vectors/abuse/inside.cjs"),
    });
    const startedAt = Date.now();
    const feed = await followEditor(nodeRed, adminAuth !== null);
    const arrange: Server["arrange"] = async (wanted) => {
      const next: Arrangement = { ...plain, ...wanted, ...(await folders()) };
      if (isDeepStrictEqual(next, current)) return;
      current = next;
      await nodeRed.deploy(flowsOf(next, index));
    };
    const redeploy = () => nodeRed.deploy(flowsOf(current, index));
    return { nodeRed, feed, startedAt, arrange, redeploy, probe: (command = {}) => probe(nodeRed, command) };
  };
  return {
    server: (variant = {}) => {
      const name = JSON.stringify(variant);
      const server = servers.get(name) ?? start(variant);
      servers.set(name, server);
      return server;
    },
    seed: () => seed,
    folders,
    values: (server) => valuesOf(seed, server.nodeRed),
    soil: () => {
      soiled = true;
    },
    renew: () => {
      if (!soiled) return;
      soiled = false;
      sown = undefined;
      seed = fresh();
    },
    end: async () => {
      for (const server of await Promise.allSettled(servers.values())) {
        if (server.status === "rejected") continue;
        server.value.feed.close();
        await server.value.nodeRed.stop();
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function sowGeneration(seed: Seed, root: string, generation: number) {
  const folder = join(root, `store-${generation}`);
  const otherFolder = join(root, `other-${generation}`);
  await sow(seed, folder, otherFolder);
  return { folder, otherFolder };
}

async function probe(nodeRed: NodeRed, command: Readonly<Record<string, string>>): Promise<ProbeReport> {
  const answer = await fetch(`${nodeRed.url}/harness/probe?${new URLSearchParams(command)}`, {
    signal: AbortSignal.timeout(20_000),
  });
  return (await answer.json()) as ProbeReport;
}

function valuesOf(seed: Seed, nodeRed: NodeRed): Values {
  const key = (name: string) => seed.texts.get(name);
  return {
    key,
    masked: (name) => maskedKey(key(name) ?? ""),
    storedHash: async (name) => {
      const id = seed.ids.get(name);
      return seed.keys.find((record) => record.id === id)?.secrets[0]?.digest;
    },
    forgedKey: (shared) => forgedKey(key("K1"), shared),
    splice: (idOf, secretOf) => {
      const [first, second] = [key(idOf), key(secretOf)];
      return first && second ? splicedKey(first, second) : undefined;
    },
    keyPrefix,
    adminToken: (user) => {
      if (user !== "admin" && user !== "rw" && user !== "ro") throw new Error(`no editor user ${user}`);
      return nodeRed.adminToken(user);
    },
    adminPath: `${new URL(nodeRed.adminUrl).pathname}/gatehouse/stores/store`,
    // Secrets of nodes that the fixtures do not have yet: nothing can show them, whatever their text.
    fixtureSecret: (name) => `test-only-${name}`,
    nodeId: (name) => name,
  };
}
