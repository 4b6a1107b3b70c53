import type { KeyObject } from "node:crypto";
import { resolve } from "node:path";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { ConfigError } from "../../lib/errors.ts";
import { type FailureThrottle, failureThrottle } from "../../lib/failure-throttle.ts";
import { keyring } from "../../lib/keyring.ts";
import { passwords } from "../../lib/passwords.ts";
import { type NoteStep, rehearsalKeyring } from "../../lib/rehearsal.ts";
import { checkedKeyPrefix } from "../../lib/secrets/api-key.ts";
import { hashQueue } from "../../lib/secrets/hash-queue.ts";
import { successCache } from "../../lib/secrets/success-cache.ts";
import type { Store } from "../../lib/store.ts";
import type { UsageLog } from "../../lib/usage.ts";
import { openStore } from "../../stores/open.ts";
import type { KeyStoreHandle } from "../shared/config-nodes.ts";
import { noteSettings } from "../shared/settings-trail.ts";
import { ENTRY_SLOTS, type KeyStoreConfig, type KeyStoreCredentials, SERVER_CREDENTIALS } from "./config.ts";
import { recordsOf } from "./entries.ts";
import { keepingLastUse } from "./last-use.ts";
import { masterKeyOf } from "./master-key.ts";
import { serverOptions } from "./server.ts";
import { openStoreAudit } from "./store-audit.ts";

type Definition = NodeDef & KeyStoreConfig;
type ConfigNode = Node<KeyStoreCredentials>;

/** One for the process: however many stores there are, they share its thread pool (R9). */
const hashing = hashQueue();

export default function keyStoreConfig(RED: NodeAPI): void {
  RED.nodes.registerType(
    "key-store-config",
    function (this: ConfigNode, config: Definition) {
      RED.nodes.createNode(this, config);
      const audit = openStoreAudit(this, config, RED.settings.userDir ?? process.cwd());
      const handle: KeyStoreHandle = { ...handleOf(RED, this, config), audit };
      Object.assign(this, { handle });
      noteSettings(this, config, this.id);
      if (handle.fault !== undefined) this.error(handle.fault);
      // A store on a server reports its outages itself, this one among them.
      const hasReports = config.backend === "redis" || config.backend === "postgres";
      handle.store?.ready().catch((error: Error) => hasReports || this.error(error.message));
      this.on("close", (done: (error?: Error) => void) => {
        Promise.all([handle.store?.close(), audit?.close()]).then(() => done(), done);
      });
    },
    { credentials: credentialsSchema() },
  );
}

function credentialsSchema() {
  const secrets = Array.from({ length: ENTRY_SLOTS }, (_, slot) => [`secret${slot}`, { type: "password" as const }]);
  return { masterKey: { type: "password" as const }, ...SERVER_CREDENTIALS, ...Object.fromEntries(secrets) };
}

function handleOf(RED: NodeAPI, node: ConfigNode, config: Definition): KeyStoreHandle {
  const base = { id: node.id, name: config.name, backend: config.backend, prefix: config.prefix };
  try {
    checkedKeyPrefix(config.prefix);
    const masterKey = masterKeyOf(node.credentials.masterKey, process.env);
    const { store, usage } = keepingLastUse(storeOf(RED, node, config, masterKey), Date.now);
    const throttle = failureThrottle();
    const shared = { store, throttle, prefix: config.prefix, masterKey };
    const keys = keyringOf(node, { ...shared, usage });
    const parts = { ...shared, queue: hashing, now: Date.now };
    const rehearsal = (note: NoteStep) => rehearsalKeyring(parts, note);
    return { ...base, masterKey, store, throttle, keyring: keys, rehearsal, fault: undefined };
  } catch (error) {
    const nothing = { masterKey: undefined, store: undefined, throttle: undefined, keyring: undefined };
    return { ...base, ...nothing, fault: (error as Error).message };
  }
}

function storeOf(RED: NodeAPI, node: ConfigNode, config: Definition, masterKey: KeyObject | undefined): Store {
  switch (config.backend) {
    case "embedded":
      return openStore({ backend: "embedded", folder: folderOf(RED, config), now: Date.now });
    case "redis":
      return openStore({ backend: "redis", ...serverOptions(RED, node, config) });
    case "postgres":
      return openStore({ backend: "postgres", ...serverOptions(RED, node, config), ...schemaOf(config) });
    case "credentials":
      return entriesStore(node, config, masterKey);
    default:
      throw new ConfigError("backend", "this release knows no such kind of store");
  }
}

/** Flows from before this setting, and those that leave it empty, have the usual one. */
function schemaOf({ schema }: Definition): { readonly schema?: string } {
  return schema ? { schema } : {};
}

function folderOf(RED: NodeAPI, { folder }: Definition): string {
  if (folder.trim() === "") throw new ConfigError("folder", "no folder is named for the store");
  return resolve(RED.settings.userDir ?? process.cwd(), folder);
}

function entriesStore(node: ConfigNode, config: Definition, masterKey: KeyObject | undefined): Store {
  const { keys, users, problems } = recordsOf(config.entries, {
    prefix: config.prefix,
    masterKey,
    now: Date.now(),
    secretOf: (slot) => node.credentials[`secret${slot}`],
  });
  for (const problem of problems) node.warn(problem);
  return openStore({ backend: "credentials", keys, users, now: Date.now });
}

interface KeyringParts {
  readonly store: Store;
  readonly throttle: FailureThrottle;
  readonly usage: UsageLog | undefined;
  readonly prefix: string;
  readonly masterKey: KeyObject | undefined;
}

function keyringOf(node: Node, { store, throttle, usage, prefix, masterKey }: KeyringParts) {
  const shared = { store, throttle, now: Date.now };
  const onFault = (error: unknown) => node.error(error);
  const proving = passwords({ ...shared, queue: hashing, cache: successCache(), onFault });
  return keyring({ ...shared, usage, prefix, masterKey, passwords: proving });
}
