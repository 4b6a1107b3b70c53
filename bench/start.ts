import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, packageRoot } from "../test/harness/node-red.ts";
import { httpIn, response, tab } from "../test/support/flow.ts";
import { seedStore } from "../test/support/seed.ts";
import { benchFlows, benchUser } from "./flows.ts";
import { atMost, beside, explained, type Measurement, ratio } from "./row.ts";
import { median } from "./statistics.ts";

interface Started {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Time until the flows run, and memory then: without the package, with it, and with its nodes in use. */
export const start: Measurement = async ({ quick }) => {
  const base = mkdtempSync(join(tmpdir(), "gatehouse-bench-"));
  const plain = [tab, httpIn("in-plain", "/plain", "response"), response];
  const store = join(base, "store");
  await seedStore(store, { keys: [{ name: "one" }], users: [benchUser] });
  const inUse = benchFlows(store).filter((node) => node.type !== "bench-pass");
  const kinds = {
    without: await userDirectory(join(base, "without"), plain, false),
    installed: await userDirectory(join(base, "installed"), plain, true),
    inUse: await userDirectory(join(base, "in-use"), inUse, true),
  };
  const results: Record<keyof typeof kinds, Started[]> = { without: [], installed: [], inUse: [] };
  for (let round = -1; round < (quick ? 1 : 5); round++) {
    for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
      const started = await startOnce(kinds[kind]);
      if (round >= 0) results[kind].push(started);
    }
  }
  rmSync(base, { recursive: true, force: true });
  return rows(results);
};

function rows({ without, installed, inUse }: Readonly<Record<"without" | "installed" | "inUse", readonly Started[]>>) {
  const slower = (of: readonly Started[]) =>
    median(of.map(({ seconds }, round) => seconds / (without[round] as Started).seconds));
  const more = (of: readonly Started[]) =>
    median(of.map(({ megabytes }, round) => megabytes - (without[round] as Started).megabytes));
  const seconds = (of: readonly Started[]) => `${median(of.map((one) => one.seconds)).toFixed(2)} s`;
  const note = `CPU time until the flows run: ${seconds(without)} without, ${seconds(installed)} with`;
  return [
    explained(
      atMost("Node-RED start with the package ÷ without", slower(installed), 1.03, ratio, note),
      "the package is loaded as many small modules",
    ),
    explained(
      atMost("memory of the package", more(installed), 3, mega, "installed; no node of it in a flow"),
      "the package is loaded as many small modules",
    ),
    beside("start with its nodes in use ÷ without", ratio(slower(inUse)), "with an open store"),
    beside("memory with its nodes in use", mega(more(inUse)), "with an open store"),
  ];
}

async function userDirectory(folder: string, flows: readonly unknown[], withPackage: boolean): Promise<string> {
  mkdirSync(folder, { recursive: true });
  if (withPackage) {
    const link = join(folder, "node_modules/@gatehouse/node-red-gatehouse");
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(packageRoot, link);
  }
  const settings = {
    uiHost: "127.0.0.1",
    uiPort: await freePort("127.0.0.1"),
    flowFile: "flows.json",
    credentialSecret: false,
    editorTheme: { tours: false, projects: { enabled: false }, palette: { catalogues: [] } },
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { autoInstall: false },
  };
  writeFileSync(join(folder, "settings.js"), `module.exports = ${JSON.stringify(settings)};\n`);
  writeFileSync(join(folder, "flows.json"), JSON.stringify(flows));
  return folder;
}

async function startOnce(userDir: string): Promise<Started> {
  const script = join(packageRoot, "node_modules/node-red/red.js");
  const child = spawn(process.execPath, [script, "--userDir", userDir], {
    cwd: userDir,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    await new Promise<void>((resolve, reject) => {
      let log = "";
      child.stdout.on("data", (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes("Started flows") && log.includes("Server now running")) resolve();
      });
      child.once("exit", () => reject(new Error(`Node-RED did not start:\n${log}`)));
    });
    await delay(500);
    return usage(child.pid ?? 0);
  } finally {
    child.kill();
    await ended;
  }
}

/** CPU time and memory of a process as Linux tells them. CPU time, as other processes only lengthen the other one. */
function usage(pid: number): Started {
  const times = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const ticks = Number(times[11]) + Number(times[12]);
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { seconds: ticks / 100, megabytes: Number(kilobytes) / 1024 };
}

function mega(value: number): string {
  return `${value.toFixed(1)} MB`;
}
