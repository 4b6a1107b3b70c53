import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { hashSync } from "@node-rs/bcrypt";

/** The folder of the package under test. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "../..");

const packageName = "@gatehouse/node-red-gatehouse";

/** A node of a flow file. */
export type FlowNode = { readonly id: string; readonly type: string } & { readonly [property: string]: unknown };

/** Editor users: everything; read and write; read only. */
export type AdminUser = "admin" | "rw" | "ro";

export type FlowCredentials = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface NodeRedOptions {
  readonly flows: readonly FlowNode[];
  /** Node credentials by node id. */
  readonly credentials?: FlowCredentials;
  /** Made, and removed at the end, when not given. */
  readonly userDir?: string;
  /** Laid over the harness's settings; `null` leaves a setting out. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What somebody who has not logged in to the editor may do, such as `read`; nothing when not given. */
  readonly anonymousPermissions?: string;
  /** A CommonJS file whose exports are laid over the settings: for functions. */
  readonly settingsModule?: string;
  /** The address to listen on: 127.0.0.1 when not given. */
  readonly bind?: string;
  readonly port?: number;
  /** Name of the installed package to start: `node-red` or `node-red-5`. Default: the variable NODE_RED. */
  readonly nodeRed?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until it must be ready. */
  readonly startWithinMs?: number;
}

export interface NodeRed {
  /** Of the HTTP nodes, without a slash at the end. */
  readonly url: string;
  /** Of the editor and its API, without a slash at the end. */
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: number;
  readonly userDir: string;
  /** Everything printed so far. */
  log(): string;
  alive(): boolean;
  /** A bearer token of an editor user, fetched once. */
  adminToken(user?: AdminUser): Promise<string>;
  /** Replaces all flows through the admin API; resolves once they have started. */
  deploy(flows: readonly FlowNode[], type?: "full" | "flows" | "nodes"): Promise<void>;
  /** Ends it as a service manager would, and removes what the harness made. */
  stop(): Promise<void>;
  /** Ends it as a power cut would; the user directory stays until `stop`. */
  kill(): Promise<void>;
}

const passwords: Readonly<Record<AdminUser, string>> = { admin: secret(), rw: secret(), ro: secret() };

const permissions: Readonly<Record<AdminUser, unknown>> = { admin: "*", rw: ["read", "write"], ro: "read" };

/** Starts a Node-RED of its own process on a free port, with the package linked in, and waits until its flows run. */
export async function startNodeRed(options: NodeRedOptions): Promise<NodeRed> {
  const userDir = options.userDir ?? mkdtempSync(join(tmpdir(), "gatehouse-"));
  const bind = options.bind ?? "127.0.0.1";
  const port = options.port ?? (await freePort(bind));
  prepare(userDir, options, bind, port);
  const { child, log } = launch(userDir, options);
  const { alive, kill, stop } = endings(child, options.userDir ? undefined : userDir);
  try {
    await ready(child, log, options.startWithinMs ?? 60_000);
  } catch (error) {
    await stop();
    throw error;
  }
  const { url, adminUrl } = addresses(options.settings ?? {}, bind, port);
  const adminToken = tokens(adminUrl);
  const deploy = deployer(adminUrl, log, options.settings && "adminAuth" in options.settings ? undefined : adminToken);
  return { url, adminUrl, port, pid: child.pid ?? 0, userDir, log, alive, adminToken, deploy, stop, kill };
}

function endings(child: ChildProcess, temporary: string | undefined): Pick<NodeRed, "alive" | "kill" | "stop"> {
  const ended = once(child, "exit");
  const alive = () => child.exitCode === null && child.signalCode === null;
  const kill = async () => {
    if (alive()) child.kill("SIGKILL");
    await ended;
  };
  const stop = async () => {
    if (alive()) child.kill("SIGTERM");
    await Promise.race([ended, delay(20_000, undefined, { ref: false }).then(kill)]);
    if (temporary) rmSync(temporary, { recursive: true, force: true });
  };
  return { alive, kill, stop };
}

function addresses(settings: Readonly<Record<string, unknown>>, bind: string, port: number) {
  const any = bind === "::" || bind === "0.0.0.0";
  const url = `http://${any ? "127.0.0.1" : bind.includes(":") ? `[${bind}]` : bind}:${port}`;
  const adminRoot = String(settings.httpAdminRoot ?? "/admin").replace(/\/$/, "");
  return { url, adminUrl: `${url}${adminRoot}` };
}

/** Without `token`, the admin API is asked without credentials. */
function deployer(adminUrl: string, log: () => string, token: NodeRed["adminToken"] | undefined): NodeRed["deploy"] {
  return async (flows, type = "full") => {
    const seen = log().length;
    const authorization: Record<string, string> = token ? { authorization: `Bearer ${await token("admin")}` } : {};
    const answer = await fetch(`${adminUrl}/flows`, {
      method: "POST",
      headers: { "content-type": "application/json", "node-red-deployment-type": type, ...authorization },
      body: JSON.stringify(flows),
    });
    if (!answer.ok) throw new Error(`the deploy was answered ${answer.status}: ${await answer.text()}`);
    const started = await until(() => /Started (modified )?(flows|nodes)/.test(log().slice(seen)), 20_000);
    if (!started) throw new Error(`the flows did not start again:\n${log().slice(seen)}`);
  };
}

function prepare(userDir: string, options: NodeRedOptions, bind: string, port: number): void {
  const scope = join(userDir, "node_modules", dirname(packageName));
  mkdirSync(scope, { recursive: true });
  const link = join(userDir, "node_modules", packageName);
  if (!existsSync(link)) symlinkSync(packageRoot, link);
  const settings = {
    uiHost: bind,
    uiPort: port,
    httpAdminRoot: "/admin",
    httpNodeRoot: "/",
    flowFile: "flows.json",
    credentialSecret: false,
    adminAuth: {
      type: "credentials",
      users: users(),
      ...(options.anonymousPermissions && { default: { permissions: options.anonymousPermissions } }),
    },
    editorTheme: { tours: false, projects: { enabled: false }, palette: { catalogues: [] } },
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
    logging: { console: { level: "info", metrics: false, audit: false } },
    ...options.settings,
  };
  const kept = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
  const module = options.settingsModule ? `require(${JSON.stringify(options.settingsModule)})` : "{}";
  writeFileSync(join(userDir, "settings.js"), `module.exports = { ...${JSON.stringify(kept)}, ...${module} };\n`);
  writeFileSync(join(userDir, "flows.json"), JSON.stringify(options.flows));
  writeFileSync(join(userDir, "flows_cred.json"), JSON.stringify(options.credentials ?? {}));
}

function users() {
  return (Object.keys(passwords) as AdminUser[]).map((username) => ({
    username,
    password: hashSync(passwords[username], { cost: 4 }),
    permissions: permissions[username],
  }));
}

function launch(userDir: string, options: NodeRedOptions): { child: ChildProcess; log: () => string } {
  const name = options.nodeRed ?? process.env.NODE_RED ?? "node-red";
  const script = join(packageRoot, "node_modules", name, "red.js");
  const child = spawn(process.execPath, [script, "--userDir", userDir], {
    cwd: userDir,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", NODE_RED_HOME: undefined, ...options.env },
  });
  const orphaned = () => child.kill("SIGKILL");
  process.once("exit", orphaned);
  child.once("exit", () => process.removeListener("exit", orphaned));
  const printed: string[] = [];
  let joined = "";
  const collect = (chunk: Buffer) => void printed.push(chunk.toString("utf8"));
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const log = () => {
    joined += printed.splice(0).join("");
    return joined;
  };
  return { child, log };
}

async function ready(child: ChildProcess, log: () => string, withinMs: number): Promise<void> {
  const failed = () => child.exitCode !== null || /Waiting for missing types|Unable to listen/.test(log());
  const started = () => log().includes("Server now running at") && log().includes("Started flows");
  const inTime = await until(() => started() || failed(), withinMs);
  if (inTime && !failed()) return;
  throw new Error(`Node-RED did not start:\n${log()}`);
}

/** Polls until the condition holds; false when it did not in time. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) return false;
    await delay(20);
  }
  return true;
}

function tokens(adminUrl: string): (user?: AdminUser) => Promise<string> {
  const known = new Map<AdminUser, Promise<string>>();
  const login = async (user: AdminUser) => {
    const answer = await fetch(`${adminUrl}/auth/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_id: "node-red-editor",
        grant_type: "password",
        scope: "",
        username: user,
        password: passwords[user],
      }),
    });
    const { access_token: token } = (await answer.json()) as { access_token?: string };
    if (!token) throw new Error(`no token for the editor user ${user}: ${answer.status}`);
    return token;
  };
  return (user = "admin") => {
    const token = known.get(user) ?? login(user);
    known.set(user, token);
    return token;
  };
}

/** A port that was free a moment ago. */
export async function freePort(bind: string): Promise<number> {
  const server = createServer();
  server.listen(0, bind);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function secret(): string {
  return randomBytes(12).toString("base64url");
}
