import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { freePort } from "./servers.ts";

export interface PostgresServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** `postgres://127.0.0.1:<port>/postgres`, for another port where one is given. */
  url(port?: number): string;
  /** Runs SQL as a person would, on a connection of its own, and returns the rows of the last statement. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Sets a parameter for the whole server, and has it read. */
  set(name: string, value: string): Promise<void>;
  /** Offers TLS from now on. */
  encrypt(certificate: { readonly cert: string; readonly key: string }): Promise<void>;
  start(): Promise<void>;
  /** Ends it as a lost machine would. */
  kill(): Promise<void>;
  /** A standby that follows this server and only reads. Removed with it. */
  standby(): Promise<PostgresServer>;
  /** Ends it and removes its files. */
  remove(): Promise<void>;
}

/** Where Debian keeps the newest release's programs; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  const releases = readdirSync(root).sort((one, other) => Number(other) - Number(one));
  return releases.map((release) => join(root, release, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

const user = "postgres";
const password = "a password for tests";

/** A server of its own, on a free port of 127.0.0.1, that keeps its files in a folder of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = ownFolder();
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  giveAway(passwordFile);
  const data = join(folder, "data");
  runProgram(
    "initdb",
    ["-D", data, "-U", user, "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8", "-N"],
    "C",
  );
  return serve(folder, data);
}

async function serve(folder: string, data: string): Promise<PostgresServer> {
  const port = await freePort();
  const standbys: PostgresServer[] = [];
  let child: ChildProcess | undefined;
  const url = (other = port) => `postgres://127.0.0.1:${other}/postgres`;
  const sql: PostgresServer["sql"] = async (text, values) => {
    const client = new Client({ host: "127.0.0.1", port, database: "postgres", user, password });
    await client.connect();
    try {
      return (values ? await client.query(text, [...values]) : await client.query(text)).rows ?? [];
    } finally {
      await client.end();
    }
  };
  const start = async () => {
    child = startProgram("postgres", ["-D", data, "-p", String(port), ...settings(folder)]);
    await answering(child, () => sql("SELECT 1"));
  };
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    child.kill("SIGQUIT");
    await ended;
  };
  const set = async (name: string, value: string) => {
    await sql(`ALTER SYSTEM SET ${name} = '${value}'`);
    await sql("SELECT pg_reload_conf()");
  };
  await start();
  return {
    port,
    user,
    password,
    url,
    sql,
    start,
    kill,
    set,
    async encrypt(certificate) {
      for (const [name, text] of Object.entries(certificate)) {
        const file = join(folder, `${name}.pem`);
        writeFileSync(file, text, { mode: 0o600 });
        giveAway(file);
        await set(`ssl_${name}_file`, file);
      }
      await set("ssl", "on");
    },
    async standby() {
      const copy = ownFolder();
      const from = `host=127.0.0.1 port=${port} user=${user} password='${password}'`;
      runProgram("pg_basebackup", ["-D", join(copy, "data"), "-d", from, "-R", "-X", "stream", "-c", "fast"]);
      const made = await serve(copy, join(copy, "data"));
      standbys.push(made);
      return made;
    },
    async remove() {
      for (const made of standbys) await made.remove();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function settings(folder: string): readonly string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    fsync: "off",
    shared_buffers: "32MB",
    max_connections: "60",
    log_min_messages: "panic",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** It refuses to run as root, so there the user that Debian's package makes runs it. */
const isRoot = process.getuid?.() === 0;

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-postgres-"));
  giveAway(folder);
  return folder;
}

function giveAway(path: string): void {
  if (!isRoot) return;
  const idOf = (what: string) => Number(execFileSync("id", [what, user], { encoding: "utf8" }));
  chownSync(path, idOf("-u"), idOf("-g"));
}

function commandOf(program: string, values: readonly string[]): readonly [string, readonly string[]] {
  const path = join(postgresPrograms() ?? "", program);
  return isRoot
    ? ["setpriv", [`--reuid=${user}`, `--regid=${user}`, "--init-groups", path, ...values]]
    : [path, values];
}

function runProgram(program: string, values: readonly string[], locale = "C.UTF-8"): void {
  const [command, all] = commandOf(program, values);
  execFileSync(command, [...all], { cwd: tmpdir(), stdio: "pipe", env: { PATH: process.env.PATH, LC_ALL: locale } });
}

function startProgram(program: string, values: readonly string[]): ChildProcess {
  const [command, all] = commandOf(program, values);
  const child = spawn(command, [...all], { cwd: tmpdir(), stdio: ["ignore", "ignore", "inherit"] });
  // A server must not outlive the tests, whatever ends them.
  const end = () => child.kill("SIGQUIT");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return child;
}

async function answering(child: ChildProcess, ask: () => Promise<unknown>): Promise<void> {
  for (const end = performance.now() + 15_000; ; ) {
    try {
      await ask();
      return;
    } catch (error) {
      if (child.exitCode !== null || performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
