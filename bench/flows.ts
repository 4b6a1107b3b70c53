import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlowNode } from "../test/harness/node-red.ts";
import { basicCheck, fn, httpIn, ipCheck, keyStore, node, response, tab, tokenCheck } from "../test/support/flow.ts";

/** The name and password that all the ways to check Basic are asked for. */
export const benchUser = { name: "alice", password: "correct horse battery staple" } as const;

const refuse = (challenge: string) =>
  `msg.statusCode = 401; msg.headers = {"WWW-Authenticate": '${challenge}', "Cache-Control": "no-store"}; msg.payload = "Unauthorized"; return [null, msg];`;

/** What people write when they have no check: compare the header, send on or answer 401. */
const handWrittenToken = `if (msg.req.headers["x-auth-token"] === env.get("BENCH_TOKEN")) return [msg, null];\n${refuse("ApiKey")}`;
const handWrittenBasic = `const [scheme, encoded] = (msg.req.headers.authorization || "").split(" ");
if (scheme === "Basic" && encoded) {
  const text = Buffer.from(encoded, "base64").toString();
  const split = text.indexOf(":");
  if (text.slice(0, split) === env.get("BENCH_USER") && text.slice(split + 1) === env.get("BENCH_PASSWORD")) return [msg, null];
}
${refuse("Basic")}`;

/** The same, written by someone careful: keys by id, hashed, with conditions; hides the key, says who came. */
const carefulToken = `const token = msg.req.headers["x-auth-token"] || "";
const key = context.get("keys").get(token.slice(8, 20));
const digest = crypto.createHash("sha256").update(token).digest();
if (key && crypto.timingSafeEqual(digest, key.digest) && !key.disabled && Date.now() < key.expiresAt) {
  delete msg.req.headers["x-auth-token"];
  msg.req.rawHeaders = msg.req.rawHeaders.filter((text, i, all) => all[i - (i % 2)].toLowerCase() !== "x-auth-token");
  msg.auth = { id: key.id, name: key.name, scopes: [...key.scopes] };
  return [msg, null];
}
${refuse("ApiKey")}`;
const careful = {
  libs: [{ var: "crypto", module: "crypto" }],
  initialize: `const token = env.get("BENCH_TOKEN");
const digest = crypto.createHash("sha256").update(token).digest();
const key = { id: token.slice(8, 20), name: "one", scopes: ["read"], digest, disabled: false, expiresAt: Infinity };
context.set("keys", new Map([[key.id, key]]));`,
};

const limit = {
  version: 1,
  countBy: "address",
  property: "",
  otherwise: "refuse",
  ownLimit: false,
  limits: [{ requests: 1_000_000, per: 1, unit: "second", burst: "" }],
  timeZone: "",
  cost: "1",
  costType: "num",
  sharedName: "",
  store: "",
  whenAway: "refuse",
  network: "",
  countRefused: false,
  olderFields: false,
  observe: false,
};

const list = "127.0.0.0/8\n10.0.0.0/8\n192.168.0.0/16\n2001:db8::/32";

/** Believes the load of the bench, which speaks for callers at many addresses. */
const network: FlowNode = {
  id: "network",
  type: "network-config",
  name: "bench",
  version: 1,
  trusted: "127.0.0.1",
  header: "x-forwarded-for",
  withoutHeader: "refuse",
  allTrusted: "refuse",
};

/** The same endpoint, unguarded and behind each kind of guard. */
export function benchFlows(folder: string): readonly FlowNode[] {
  return [
    tab,
    keyStore(folder),
    response,
    httpIn("in-plain", "/plain", "response"),
    httpIn("in-pass", "/pass", "pass"),
    node("pass", "bench-pass", { outputs: 2 }, ["response"], ["response"]),
    httpIn("in-pass-3", "/pass-3", "pass-3a"),
    node("pass-3a", "bench-pass", { outputs: 2 }, ["pass-3b"], ["response"]),
    node("pass-3b", "bench-pass", { outputs: 2 }, ["pass-3c"], ["response"]),
    node("pass-3c", "bench-pass", { outputs: 2 }, ["response"], ["response"]),
    httpIn("in-token", "/token", "token"),
    tokenCheck("token", "response", ["response"]),
    httpIn("in-unwired", "/unwired", "unwired"),
    tokenCheck("unwired", "response", []),
    httpIn("in-basic", "/basic", "basic"),
    basicCheck("basic", "response", ["response"]),
    network,
    httpIn("in-proxied", "/proxied", "proxied"),
    basicCheck("proxied", "response", ["response"], { network: "network" }),
    httpIn("in-ip", "/ip", "ip"),
    ipCheck("ip", "response", ["response"], { allow: list }),
    httpIn("in-chain", "/chain", "chain-ip"),
    ipCheck("chain-ip", "chain-limit", ["response"], { allow: list }),
    node("chain-limit", "api-rate-limit", limit, ["chain-token"], ["response"]),
    tokenCheck("chain-token", "response", ["response"]),
    httpIn("in-fn-token", "/fn-token", "fn-token"),
    { ...fn("fn-token", handWrittenToken), outputs: 2, wires: [["response"], ["response"]] },
    httpIn("in-fn-basic", "/fn-basic", "fn-basic"),
    { ...fn("fn-basic", handWrittenBasic), outputs: 2, wires: [["response"], ["response"]] },
    httpIn("in-fn-key", "/fn-key", "fn-key"),
    { ...fn("fn-key", carefulToken), ...careful, outputs: 2, wires: [["response"], ["response"]] },
  ];
}

/** A node that sends on what it gets: what any node costs, whatever it does. */
export function addPassNode(userDir: string): void {
  const folder = join(userDir, "nodes");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "bench-pass.js"),
    `module.exports = (RED) => RED.nodes.registerType("bench-pass", function (config) {
  RED.nodes.createNode(this, config);
  this.on("input", (msg, send, done) => { send([msg, null]); done(); });
});
`,
  );
  writeFileSync(
    join(folder, "bench-pass.html"),
    `<script type="text/javascript">RED.nodes.registerType("bench-pass", {});</script>\n`,
  );
}
