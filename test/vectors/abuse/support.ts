import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../harness/node-red.ts";
import type { AbuseCase } from "./types.ts";

/** The node type of the package that a case's `node` stands for. */
const nodeTypes = new Map([
  ["basic-auth-check", "basic-auth-check"],
  ["x-auth-token-check", "x-auth-token-check"],
  ["ip-allowlist", "ip-allowlist"],
  ["http", "basic-auth-check"],
  ["key-store", "key-store-config"],
  ["admin-api", "gatehouse"],
  ["jwt", "jwt-check"],
  ["digest", "digest-auth-check"],
  ["hmac", "signature-check"],
  ["mtls", "client-cert-check"],
  ["rate-limit", "api-rate-limit"],
  ["token-login", "token-endpoint"],
  ["outbound-credentials", "backend-request"],
  ["audit", "auth-events"],
]);

const fixtures = new Set([
  "F-basic",
  "F-token",
  "F-ip",
  "F-ip-loopback",
  "F-ip-forwarded",
  "F-ip-config",
  "F-flow",
  "F-admin",
  "F-audit",
  "F-rate",
  "F-rate-proxy",
  "F-rate-user",
]);

const runners = new Set(["raw-http", "config-http", "http-steps", "http", "flow", "timing", "deploy", "orchestrated"]);

const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  readonly "node-red": { readonly nodes: object; readonly plugins: object };
};

/** What is missing to run a case; undefined when nothing is. */
export function missingFor({ node, fixture, runner }: AbuseCase): string | undefined {
  const type = nodeTypes.get(node) ?? node;
  if (!(type in { ...manifest["node-red"].nodes, ...manifest["node-red"].plugins }))
    return `node ${type} is not there yet`;
  if (runner === "ui") return "browser";
  if (!runners.has(runner)) return `runner ${runner} is not there yet`;
  return fixtures.has(fixture) ? undefined : `fixture ${fixture} is not there yet`;
}

/** True once the package limits failed attempts, in whichever file. */
export function limitsFailures(): boolean {
  const sources = readdirSync(join(packageRoot, "lib"), { recursive: true, encoding: "utf8" });
  return sources.some((name) => /throttl|failures/.test(name));
}
