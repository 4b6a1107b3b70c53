import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NodeRed, packageRoot, startNodeRed } from "../harness/node-red.ts";
import { basicCheck, fn, httpIn, ipCheck, keyStore, response, tab, tokenCheck } from "../support/flow.ts";
import { seedStore } from "../support/seed.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
/** Node-RED 5 asks for Node.js 22.9. */
const releases = major > 22 || (major === 22 && minor >= 9) ? ["node-red", "node-red-5"] : ["node-red"];

const flows = [
  tab,
  response,
  fn("ok", "msg.payload = 'hello ' + msg.auth.name; return msg;", "response"),
  httpIn("in-token", "/token", "address"),
  ipCheck("address", "token", ["response"]),
  tokenCheck("token", "ok", ["response"]),
  httpIn("in-basic", "/basic", "basic"),
  basicCheck("basic", "ok", ["response"]),
];

describe("the packed package, installed into an empty user directory", () => {
  let packed: string;
  let userDir: string;

  before(() => {
    packed = mkdtempSync(join(tmpdir(), "gatehouse-packed-"));
    userDir = mkdtempSync(join(tmpdir(), "gatehouse-installed-"));
    npm(["pack", "--pack-destination", packed], packageRoot);
    const [tarball] = readdirSync(packed);
    assert.ok(tarball);
    writeFileSync(join(userDir, "package.json"), JSON.stringify({ name: "node-red-project", private: true }));
    npm(["install", "--omit=dev", "--no-audit", "--no-fund", join(packed, tarball)], userDir);
  });

  after(() => {
    for (const folder of [packed, userDir]) rmSync(folder, { recursive: true, force: true });
  });

  it("brings a command line that makes keys in an empty folder", () => {
    const folder = join(userDir, "by-hand");
    const gatehouse = (words: readonly string[], input = "") =>
      execFileSync("npx", ["--no", "gatehouse", ...words, "--store", `embedded:${folder}`], {
        cwd: userDir,
        encoding: "utf8",
        input,
        stdio: ["pipe", "pipe", "ignore"],
      });
    const key = gatehouse(["keys", "create", "first"]);
    assert.match(key, /^gh_live_\w{62}\n$/);
    assert.match(gatehouse(["verify", "-"], key), /^accepted: /);
    assert.match(gatehouse(["keys", "list"]), / first\n$/);
  });

  for (const nodeRed of releases) {
    describe(`${nodeRed} on Node.js ${process.versions.node}`, () => {
      let running: NodeRed;
      let key: string;

      before(async () => {
        const folder = join(userDir, `store-${nodeRed}`);
        const texts = await seedStore(folder, {
          keys: [{ name: "one" }],
          users: [{ name: "alice", password: "correct horse" }],
        });
        key = texts.get("one") ?? "";
        running = await startNodeRed({ nodeRed, userDir, flows: [...flows, keyStore(folder)] });
      });

      after(() => running.stop());

      const curl = (...words: readonly string[]) =>
        execFileSync("curl", ["--silent", "--max-time", "10", "--write-out", " %{http_code}", ...words], {
          encoding: "utf8",
        });

      it("lets a known key in, and nobody without", () => {
        assert.equal(curl(`${running.url}/token`, "--header", `x-auth-token: ${key}`), "hello one 200");
        assert.match(curl(`${running.url}/token`), / 401$/);
        assert.match(curl(`${running.url}/token`, "--header", `x-auth-token: ${key}x`), / 401$/);
      });

      it("lets a known user in, and nobody else", () => {
        assert.equal(curl(`${running.url}/basic`, "--user", "alice:correct horse"), "hello alice 200");
        assert.equal(curl(`${running.url}/basic`, "--user", `:${key}`), "hello one 200");
        assert.match(curl(`${running.url}/basic`, "--user", "alice:wrong"), / 401$/);
      });

      it("serves its forms, texts and icons to the editor, and its API behind the editor's permissions", async () => {
        const token = await running.adminToken("admin");
        const get = async (path: string, accept: string, authorization?: string) =>
          fetch(`${running.adminUrl}${path}`, { headers: { accept, ...(authorization && { authorization }) } });
        const forms = await (await get("/nodes", "text/html", `Bearer ${token}`)).text();
        for (const type of [
          "key-store-config",
          "network-config",
          "basic-auth-check",
          "x-auth-token-check",
          "ip-allowlist",
          "key-manage",
        ]) {
          assert.match(forms, new RegExp(`data-template-name="${type}"`));
        }
        const icon = await get(
          "/icons/@gatehouse/node-red-gatehouse/x-auth-token-check.svg",
          "image/svg+xml",
          `Bearer ${token}`,
        );
        assert.equal(icon.status, 200);
        assert.equal((await get("/gatehouse/stores", "application/json")).status, 401);
        assert.equal((await get("/gatehouse/stores", "application/json", `Bearer ${token}`)).status, 200);
      });

      it("starts without a warning about the package", () => {
        assert.doesNotMatch(running.log(), /\[warn\].*gatehouse/i);
      });
    });
  }
});

function npm(words: readonly string[], cwd: string): void {
  execFileSync("npm", [...words], { cwd, stdio: ["ignore", "ignore", "pipe"] });
}
