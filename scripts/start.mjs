// Starts Node-RED on this machine only, with every example and a filled key store, in a user directory of its own.
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fillStore } from "./start/demo-store.mjs";
import { show } from "./start/show.mjs";
import { prepareUserDir } from "./start/user-dir.mjs";

const host = "127.0.0.1";
const usualPort = 1880;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);

const { values: options } = parseArgs({
  options: {
    "new-key": { type: "boolean", default: false },
    port: { type: "string" },
    "user-dir": { type: "string", default: join(root, ".start") },
  },
});

const userDir = resolve(options["user-dir"]);
const port = await freePort(options.port === undefined ? usualPort : Number(options.port));
const url = `http://${host}:${port}`;
const { fixedKey, masterKeyFile } = prepareUserDir(root, userDir);

// A master key of the surroundings would not fit the tokens that were imported under the one of this folder.
delete process.env.GATEHOUSE_MASTER_KEY;
process.env.GATEHOUSE_MASTER_KEY_FILE = masterKeyFile;
process.env.GATEHOUSE_EXAMPLE_URL = url;
process.env.GATEHOUSE_EXAMPLE_FIXED_KEY ??= fixedKey;

const { shown, buttons } = await fillStore(join(userDir, "gatehouse"), masterKeyFile, options["new-key"]);
Object.assign(process.env, buttons);

const version = await startNodeRed();
show({ url, userDir, version, shown, fixedKey: process.env.GATEHOUSE_EXAMPLE_FIXED_KEY });

/** Runs Node-RED's own start script in this process, so that Ctrl-C ends all of it. Resolves to its version. */
async function startNodeRed() {
  const name = atLeast(process.versions.node, 22, 9) ? "node-red-5" : "node-red";
  const RED = require(name);
  const started = new Promise((done) => RED.events.once("flows:started", done));
  process.argv.splice(2, Number.POSITIVE_INFINITY, "--userDir", userDir, "--port", String(port));
  require(`${name}/red.js`);
  await started;
  while (!(await answers(port))) await delay(20);
  return require(`${name}/package.json`).version;
}

function atLeast(version, major, minor) {
  const [ownMajor, ownMinor] = version.split(".").map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

/** The first port from `first` on that nobody listens on. */
async function freePort(first) {
  for (let port = first; port < first + 100; port++) if (await isFree(port)) return port;
  throw new Error(`no free port from ${first} to ${first + 99}`);
}

function isFree(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, host, () => server.close(() => done(true)));
  });
}

function answers(port) {
  return new Promise((done) => {
    const socket = connect(port, host, () => done(true));
    socket.once("error", () => done(false));
    socket.once("connect", () => socket.destroy());
  });
}
