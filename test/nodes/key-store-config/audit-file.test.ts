import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditEntry, AuditEvent } from "../../../lib/audit/event.ts";
import { verifyFiles } from "../../../lib/audit/verify-files.ts";
import { type AuditFile, auditFile } from "../../../nodes/key-store-config/audit-file.ts";
import { until } from "../../harness/node-red.ts";

const dayMs = 86_400_000;

describe("the audit file of a store", () => {
  let folder: string;
  let path: string;
  let at: number;
  let faults: string[];
  let recovered: number[];
  const opened: AuditFile[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-audit-"));
    path = join(folder, "sub", "audit.jsonl");
    at = Date.now();
    faults = [];
    recovered = [];
  });
  afterEach(async () => {
    for (const file of opened.splice(0)) await file.close();
    rmSync(folder, { recursive: true });
  });

  function openFile(more: { maxBytes?: number; keep?: number } = {}): AuditFile {
    const file = auditFile({
      path,
      maxBytes: 10_000_000,
      keep: 10,
      now: () => at,
      onFault: ({ message }) => faults.push(message),
      onRecovery: (lost) => recovered.push(lost),
      ...more,
    });
    opened.push(file);
    return file;
  }

  function entry(n: number, more: Partial<AuditEvent> = {}, source = `s${n}`): AuditEntry {
    const event = { event: "access.rejected", result: "rejected", reason: "unknown", n, ...more } as const;
    return { source, event: { time: new Date(at).toISOString(), ...event } };
  }

  async function writeAll(file: AuditFile, from: number, to: number): Promise<void> {
    for (let n = from; n < to; n++) file.write(entry(n));
    await file.close();
  }

  const names = () => readdirSync(join(folder, "sub")).sort();
  const files = () => names().map((name) => join(folder, "sub", name));
  const events = (file = path) =>
    readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  const mode = (file: string) => statSync(file).mode & 0o777;

  it("holds a line of JSON for each event, for its own account only", async () => {
    await writeAll(openFile(), 0, 3);
    assert.deepEqual(
      events().map(({ event, n }) => n ?? event),
      ["audit.start", 0, 1, 2],
    );
    assert.equal(mode(path), 0o600);
    assert.equal(mode(join(folder, "sub")), 0o700);
    assert.equal((await verifyFiles([path])).ok, true);
  });

  it("takes rights away that an existing file gives to others", async () => {
    mkdirSync(join(folder, "sub"));
    writeFileSync(path, "");
    chmodSync(path, 0o644);
    await writeAll(openFile(), 0, 1);
    assert.equal(mode(path), 0o600);
  });

  it("goes on with the chain after a restart, also in the middle of a line", async () => {
    await writeAll(openFile(), 0, 3);
    await writeAll(openFile(), 3, 5);
    assert.equal((await verifyFiles([path])).ok, true);
    truncateSync(path, statSync(path).size - 30);
    await writeAll(openFile(), 5, 6);
    const { ok, last } = await verifyFiles([path]);
    assert.deepEqual([ok, last], [true, 8]);
  });

  it("shows what was changed, taken away or cut off while it was open", async () => {
    const file = openFile();
    file.write(entry(0));
    file.write(entry(1));
    await until(() => file.isWritable() && readFileSync(path, "utf8").includes('"n":1'), 2000);
    const [first, second] = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, `${first}\n${second}\n`);
    file.write(entry(2));
    await file.close();
    assert.deepEqual((await verifyFiles([path])).broken, { file: path, line: 3, problem: "missing" });
    writeFileSync(path, readFileSync(path, "utf8").replace('"n":0', '"n":9'));
    assert.deepEqual((await verifyFiles([path])).broken, { file: path, line: 2, problem: "changed" });
  });

  it("goes on in a new file when somebody moved the old one away", async () => {
    const file = openFile();
    file.write(entry(0));
    await until(() => file.isWritable() && readFileSync(path, "utf8").includes('"n":0'), 2000);
    const old = readFileSync(path, "utf8");
    unlinkSync(path);
    file.write(entry(1));
    await file.close();
    writeFileSync(`${path}.moved`, old);
    assert.equal((await verifyFiles(files())).ok, true);
  });

  it("is put aside by size; the oldest are removed, and the rest is one chain", async () => {
    for (let turn = 0; turn < 6; turn++)
      await writeAll(openFile({ maxBytes: 1000, keep: 3 }), turn * 10, turn * 10 + 10);
    assert.equal(names().length, 4);
    for (const file of files()) assert.equal(mode(file), 0o600);
    const { ok, first } = await verifyFiles(files());
    assert.equal(ok, true);
    assert.ok(first > 1);
    assert.equal(events()[0].previous, names().at(-1));
    rmSync(files()[2]!);
    assert.equal((await verifyFiles(files())).broken?.problem, "missing");
  });

  it("is put aside at the end of the day", async () => {
    const file = openFile();
    file.write(entry(0));
    await until(() => file.isWritable() && readFileSync(path, "utf8").includes('"n":0'), 2000);
    const day = new Date(at).toISOString().slice(0, 10).replaceAll("-", "");
    at += dayMs;
    file.write(entry(1));
    await file.close();
    assert.deepEqual(names(), ["audit.jsonl", `audit.jsonl.${day}-000000000002`]);
    assert.equal((await verifyFiles(files())).ok, true);
  });

  it("complains once while it cannot be written, and writes what waited when it can again", async function () {
    this.timeout(10_000);
    writeFileSync(join(folder, "sub"), "in the way");
    const file = openFile();
    await until(() => faults.length > 0, 2000);
    for (let n = 0; n < 5; n++) file.write(entry(n));
    assert.equal(file.isWritable(), false);
    await until(() => faults.length > 1, 1500);
    unlinkSync(join(folder, "sub"));
    await until(() => file.isWritable(), 5000);
    await file.close();
    assert.equal(faults.length, 1);
    assert.deepEqual(recovered, [0]);
    assert.deepEqual(
      events().flatMap(({ n }) => n ?? []),
      [0, 1, 2, 3, 4],
    );
  });

  it("counts what it lost while memory was full", async function () {
    this.timeout(10_000);
    writeFileSync(join(folder, "sub"), "in the way");
    const file = openFile();
    await until(() => faults.length > 0, 2000);
    for (let n = 0; n < 10_600; n++) file.write(entry(n, { event: "key.update", result: "changed" }));
    unlinkSync(join(folder, "sub"));
    await until(() => file.isWritable(), 5000);
    await file.close();
    const written = events();
    const lost = written.filter(({ event }) => event === "audit.lost").reduce((sum, { count }) => sum + count, 0);
    assert.equal(lost, 1000);
    assert.deepEqual(recovered, [1000]);
    assert.equal(written.filter(({ event }) => event === "key.update").length, 9600);
    assert.equal(written.at(-1).n, 10_599);
    assert.equal((await verifyFiles([path])).ok, true);
  });

  it("survives a disk that takes half of what is written", async function () {
    this.timeout(10_000);
    const file = openFile();
    await until(() => file.isWritable(), 2000);
    await withFullDisk(async () => {
      for (let n = 0; n < 4; n++) file.write(entry(n));
      await until(() => faults.length > 0, 2000);
    });
    assert.deepEqual(faults, ["ENOSPC"]);
    await until(() => file.isWritable(), 5000);
    file.write(entry(4));
    await file.close();
    const whole = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => /"n":\d.*"\}$/.test(line));
    assert.deepEqual(
      whole.map((line) => JSON.parse(line).n),
      [0, 1, 2, 3, 4],
    );
    assert.equal((await verifyFiles([path])).ok, true);
  });

  it("is no device and no folder", async () => {
    mkdirSync(path, { recursive: true });
    const file = openFile();
    await until(() => faults.length > 0, 2000);
    assert.match(faults[0] ?? "", /EISDIR/);
    await file.close();
  });

  it("grows no further than its bound under a flood, and counts every refusal", async () => {
    const file = openFile();
    const perSecond = 1000;
    for (let second = 0; second < 60; second++) {
      for (let n = 0; n < perSecond; n++) file.write(entry(n, {}, n % 2 ? "10.0.0.1" : `10.0.${n % 200}.2`));
      at += 1000;
    }
    const before = process.hrtime.bigint();
    await file.close();
    assert.ok(process.hrtime.bigint() - before < 2_000_000_000n);
    const written = events();
    const refusals = written.filter(({ event }) => event === "access.rejected").length;
    const counted = written
      .filter(({ event }) => event === "access.summary")
      .reduce((sum, { count }) => sum + count, 0);
    assert.equal(refusals + counted, 60 * perSecond);
    assert.ok(refusals <= 3000, `${refusals} lines`);
    assert.ok(statSync(path).size < 1_500_000, `${statSync(path).size} bytes`);
    assert.equal((await verifyFiles([path])).ok, true);
  });

  it("finds its place behind lines of strangers, who do not go unnoticed", async () => {
    await writeAll(openFile(), 0, 2);
    appendFileSync(path, "hello\n");
    await writeAll(openFile(), 2, 3);
    assert.deepEqual((await verifyFiles([path])).broken, { file: path, line: 4, problem: "changed" });
  });

  /** Makes every append write the first half and fail, as a full disk does. */
  async function withFullDisk(run: () => Promise<void>): Promise<void> {
    const probe = await open(join(folder, "probe"), "a");
    const prototype = Object.getPrototypeOf(probe) as { appendFile: FileHandle["appendFile"] };
    await probe.close();
    const { appendFile } = prototype;
    prototype.appendFile = async function (this: FileHandle, data) {
      await appendFile.call(this, String(data).slice(0, String(data).length / 2));
      throw new Error("ENOSPC");
    } as typeof appendFile;
    try {
      await run();
    } finally {
      prototype.appendFile = appendFile;
    }
  }
});
