import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import RED from "node-red";
import { packageRoot } from "../test/harness/node-red.ts";
import { seedStore } from "../test/support/seed.ts";
import { addPassNode, benchFlows, benchUser } from "./flows.ts";

// Node-RED's own Express: the requests take the way they take in a Node-RED started from the command line.
type Express = RequestListener & { use(path: string, handler: unknown): void };
const express = createRequire(createRequire(import.meta.url).resolve("node-red"))("express") as () => Express;

export interface Embedded {
  readonly listener: RequestListener;
  /** A key that the store knows. */
  readonly key: string;
  close(): Promise<void>;
}

/** A Node-RED in this process, with the built package and the flows of the bench. It listens nowhere. */
export async function embeddedNodeRed(): Promise<Embedded> {
  const userDir = mkdtempSync(join(tmpdir(), "gatehouse-bench-"));
  const folder = join(userDir, "store");
  const key = await prepare(userDir, folder);
  Object.assign(process.env, { BENCH_TOKEN: key, BENCH_USER: benchUser.name, BENCH_PASSWORD: benchUser.password });
  const app = express();
  const server = createServer(app);
  RED.init(server, settings(userDir) as never);
  app.use("/", RED.httpNode);
  const started = once(RED.events as never, "flows:started");
  await RED.start();
  await started;
  const close = async () => {
    await RED.stop();
    rmSync(userDir, { recursive: true, force: true });
  };
  return { listener: app, key, close };
}

async function prepare(userDir: string, folder: string): Promise<string> {
  const link = join(userDir, "node_modules/@gatehouse/node-red-gatehouse");
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(packageRoot, link);
  addPassNode(userDir);
  writeFileSync(join(userDir, "flows.json"), JSON.stringify(benchFlows(folder)));
  const texts = await seedStore(folder, { keys: [{ name: "one", scopes: ["read"] }], users: [benchUser] });
  return texts.get("one") ?? "";
}

function settings(userDir: string): Record<string, unknown> {
  return {
    userDir,
    flowFile: "flows.json",
    credentialSecret: false,
    httpAdminRoot: false,
    httpNodeRoot: "/",
    disableEditor: true,
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { autoInstall: false },
    logging: { console: { level: "warn", metrics: false, audit: false } },
  };
}
