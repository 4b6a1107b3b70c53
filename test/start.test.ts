import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisedLines, statusOf } from "./harness/curl.ts";
import { freePort, packageRoot, until } from "./harness/node-red.ts";

interface Started {
  readonly printed: string;
  readonly url: string;
  readonly child: ChildProcess;
  /** By variable, as the `export` lines say. */
  readonly exported: Readonly<Record<string, string>>;
}

const examples = join(packageRoot, "examples");

describe("npm start", function () {
  this.timeout(60_000);
  // Inside the package, as `npm start` has it: there, files are ES modules unless a package.json says otherwise.
  mkdirSync(join(packageRoot, ".tmp"), { recursive: true });
  const userDir = join(mkdtempSync(join(packageRoot, ".tmp", "start-")), "start");
  const running = new Set<ChildProcess>();
  let port = 0;
  let first: Started;

  before(async () => {
    port = await freePort("127.0.0.1");
    first = await start(userDir, port, running);
  });
  after(() => {
    for (const child of running) child.kill("SIGKILL");
    rmSync(join(userDir, ".."), { recursive: true, force: true });
  });

  it("prints curl lines that are answered as printed", async () => {
    const lines = printedLines(first);
    const seen: number[] = [];
    for (const { line } of lines) seen.push(await statusOf(line));
    assert.deepEqual(
      seen,
      lines.map(({ status }) => status),
    );
    assert.ok(lines.length >= 10 && [200, 401, 403].every((status) => seen.includes(status)));
  });

  for (const name of readdirSync(examples).sort()) {
    it(`answers the curl lines in the note of "${name}" as promised`, async () => {
      const nodes: { type: string; info: string }[] = JSON.parse(readFileSync(join(examples, name), "utf8"));
      const lines = nodes.filter(({ type }) => type === "comment").flatMap(({ info }) => promisedLines(info));
      await keepsPromises(lines, first);
    });
  }

  it("answers the curl lines of the README as promised", async () => {
    const lines = promisedLines(readFileSync(join(packageRoot, "README.md"), "utf8"));
    assert.ok(lines.length > 0);
    await keepsPromises(lines, first);
  });

  it("answers the buttons of the editor as their names promise", async () => {
    const flows: Button[] = await (await fetch(`${first.url}/flows`)).json();
    const buttons = flows.filter(({ type }) => type === "inject");
    assert.ok(buttons.length > 30);
    const debugs = flows.filter(({ type }) => type === "debug");
    for (const button of buttons) {
      const status = await pressed(first.url, button, debugs.find(({ z }) => z === button.z)!);
      assert.equal(status, button.name.slice(0, 3), `${button.name} on ${button.z}`);
    }
  });

  it("writes no secret to the disk in clear", () => {
    const secrets = Object.entries(first.exported).filter(([variable]) => !variable.endsWith("_USER"));
    assert.ok(secrets.length >= 5);
    for (const file of filesBelow(userDir)) {
      const bytes = readFileSync(file);
      for (const [variable, secret] of secrets) assert.ok(!bytes.includes(secret), `${variable} stands in ${file}`);
    }
    assert.equal(statSync(userDir).mode & 0o777, 0o700);
    assert.equal(statSync(join(userDir, "master.key")).mode & 0o777, 0o600);
  });

  it("ends within 5 s of Ctrl-C, with exit code 0", async () => {
    assert.equal(await ended(first, "SIGINT"), 0);
  });

  it("finds the same store when started again, takes another port when the usual one is busy, and shows no old secret", async () => {
    const busy = createServer().listen(port, "127.0.0.1");
    await once(busy, "listening");
    const second = await start(userDir, port, running);
    busy.close();
    assert.notEqual(second.url, first.url);
    assert.match(second.printed, /not shown again/);
    assert.deepEqual(Object.keys(second.exported), ["GATEHOUSE_EXAMPLE_FIXED_KEY"]);
    for (const { line, status } of printedLines(first).filter(({ line }) => !line.includes("fixed-key"))) {
      assert.equal(await statusOf(line.replaceAll(first.url, second.url)), status, line);
    }
    for (const { line, status } of printedLines(second)) assert.equal(await statusOf(line), status, line);
    assert.equal(await ended(second, "SIGTERM"), 0);
  });

  it("makes another key on request, beside the old one", async () => {
    const third = await start(userDir, port, running, "--new-key");
    const fresh = third.exported.GATEHOUSE_EXAMPLE_KEY;
    const old = first.exported.GATEHOUSE_EXAMPLE_KEY;
    assert.ok(fresh && old && fresh !== old);
    for (const key of [fresh, old]) {
      assert.equal(await statusOf(`curl -i ${third.url}/examples/key --header 'x-auth-token: ${key}'`), 200);
    }
    assert.equal(await ended(third, "SIGINT"), 0);
  });
});

/** The web socket client that Node-RED brings along: Node 20 has none of its own. */
const WebSocket = createRequire(createRequire(import.meta.url).resolve("@node-red/editor-api"))("ws");

interface Button {
  readonly id: string;
  readonly type: string;
  readonly z: string;
  readonly name: string;
}

/** Presses a button of the editor and waits for the status that its tab's debug node then shows. */
async function pressed(url: string, button: Button, debug: Button): Promise<string> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/comms`);
  try {
    return await new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`no answer to ${button.name}`)), 5000);
      socket.onopen = async () => {
        socket.send(JSON.stringify({ subscribe: "debug" }));
        await fetch(`${url}/inject/${button.id}`, { method: "POST" });
      };
      socket.onmessage = ({ data }: { readonly data: unknown }) => {
        for (const { topic, data: shown } of [JSON.parse(String(data))].flat()) {
          if (topic !== "debug" || shown.id !== debug.id) continue;
          clearTimeout(timer);
          done(String(shown.msg).slice(0, 3));
        }
      };
    });
  } finally {
    socket.close();
  }
}

async function keepsPromises(lines: readonly { line: string; status: number }[], { url, exported }: Started) {
  const seen: string[] = [];
  for (const { line } of lines) {
    seen.push(`${await statusOf(line.replaceAll("http://127.0.0.1:1880", url), exported)} ${line}`);
  }
  assert.deepEqual(
    seen,
    lines.map(({ line, status }) => `${status} ${line}`),
  );
}

async function start(userDir: string, port: number, running: Set<ChildProcess>, ...more: string[]): Promise<Started> {
  const script = join(packageRoot, "scripts/start.mjs");
  const child = spawn(process.execPath, [script, "--user-dir", userDir, "--port", String(port), ...more], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", GATEHOUSE_EXAMPLE_FIXED_KEY: undefined },
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
  const ready = await until(() => printed.includes("Ctrl-C ends it") || child.exitCode !== null, 30_000);
  assert.ok(ready && child.exitCode === null, `not started:\n${printed}`);
  const url = /^ {4}(http:\S+)\/$/m.exec(printed)?.[1] ?? "";
  const exported = Object.fromEntries([...printed.matchAll(/^ {2}export (\w+)=(\S+)$/gm)].map(([, k, v]) => [k!, v!]));
  return { printed, url, child, exported };
}

function printedLines({ printed }: Started) {
  const matches = [...printed.matchAll(/^ {2}(\d{3}) {2}.+\n {2}(curl .+)$/gm)];
  return matches.map(([, status, line]) => ({ status: Number(status), line: line! }));
}

async function ended({ child }: Started, signal: "SIGINT" | "SIGTERM"): Promise<number | null> {
  const exit = once(child, "exit", { signal: AbortSignal.timeout(5000) });
  child.kill(signal);
  const [code] = await exit;
  return code;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}
