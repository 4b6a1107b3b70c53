import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateApiKey } from "../../dist/lib/secrets/api-key.js";

const packageName = "@gatehouse/node-red-gatehouse";
const forOwner = { mode: 0o600 };

/**
 * Makes what is not there yet: the user directory with settings, flows, the link to this package, and the master key
 * outside the store's folder. What is there stays as it is.
 */
export function prepareUserDir(root, userDir) {
  mkdirSync(userDir, { recursive: true, mode: 0o700 });
  linkPackage(root, userDir);
  writeOnce(join(userDir, "package.json"), projectText);
  const credentialSecret = randomBytes(32).toString("base64url");
  const settingsFile = join(userDir, "settings.js");
  if (!existsSync(settingsFile)) {
    writeFileSync(settingsFile, settingsText(credentialSecret), forOwner);
    writeFlows(root, userDir, credentialSecret);
  }
  const masterKeyFile = join(userDir, "master.key");
  writeOnce(masterKeyFile, `${randomBytes(32).toString("base64url")}\n`);
  return { masterKeyFile, fixedKey: generateApiKey({ prefix: "gh", environment: "production" }).text };
}

// Without a package.json of its own, the folder's settings.js would be read as an ES module, as this package's files are.
const projectText = `${JSON.stringify({ name: "node-red-project", private: true }, undefined, 2)}\n`;

function writeOnce(file, text) {
  if (!existsSync(file)) writeFileSync(file, text, forOwner);
}

function linkPackage(root, userDir) {
  const link = join(userDir, "node_modules", packageName);
  if (existsSync(link)) return;
  mkdirSync(join(link, ".."), { recursive: true });
  symlinkSync(root, link, "junction");
}

function settingsText(credentialSecret) {
  const settings = {
    uiHost: "127.0.0.1",
    flowFile: "flows.json",
    credentialSecret,
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, projects: {}, palette: { catalogues: [] } },
    externalModules: { autoInstall: false },
    logging: { console: { level: "warn", metrics: false, audit: false } },
  };
  return `// Made by npm start, once. Change it as you like.\nmodule.exports = ${JSON.stringify(settings, undefined, 2)};\n`;
}

/** All examples, a tab each, on one store: equal config nodes become one. */
function writeFlows(root, userDir, credentialSecret) {
  const flows = mergeEqualConfigNodes(readExamples(join(root, "examples")));
  writeFileSync(join(userDir, "flows.json"), JSON.stringify(flows, undefined, 2), forOwner);
  const fixed = flows.find((node) => node.type === "key-store-config" && node.backend === "credentials");
  // No secret: the name of the variable that holds it.
  const credentials = fixed ? { [fixed.id]: { secret0: "$" + "{GATEHOUSE_EXAMPLE_FIXED_KEY}" } } : {};
  writeFileSync(join(userDir, "flows_cred.json"), JSON.stringify(encrypted(credentials, credentialSecret)), forOwner);
}

function readExamples(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.sort().flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
}

function mergeEqualConfigNodes(nodes) {
  const firstOf = new Map();
  const replacedBy = new Map();
  const kept = nodes.filter((node) => {
    if (!node.type.endsWith("-config")) return true;
    const content = JSON.stringify({ ...node, id: "" });
    const first = firstOf.get(content);
    if (first === undefined) firstOf.set(content, node.id);
    else replacedBy.set(node.id, first);
    return first === undefined;
  });
  return kept.map((node) => ("store" in node ? { ...node, store: replacedBy.get(node.store) ?? node.store } : node));
}

/** As Node-RED writes its credentials file. */
function encrypted(credentials, secret) {
  const key = createHash("sha256").update(secret).digest();
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-ctr", key, iv);
  const text = cipher.update(JSON.stringify(credentials), "utf8", "base64") + cipher.final("base64");
  return { $: iv.toString("hex") + text };
}
