import type { Node, NodeAPI } from "node-red";
import { ConfigError } from "../../lib/errors.ts";
import type { KeyStoreConfig, KeyStoreCredentials } from "./config.ts";
import { secretText } from "./secret-text.ts";

/** What the dialog says of a database server, as the stores on one take it. */
export function serverOptions(RED: NodeAPI, node: Node<KeyStoreCredentials>, config: KeyStoreConfig) {
  const setting = (option: string, text: string | undefined) => secretText(option, text, process.env);
  const url = setting("url", config.url);
  if (url === undefined) throw new ConfigError("url", "no address is given for the database");
  const username = setting("connectionUser", node.credentials.connectionUser);
  const password = setting("connectionPassword", node.credentials.connectionPassword);
  const staleSeconds = checkedSeconds(config.staleSeconds);
  return {
    url,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(config.tls && { tls: tlsOf(RED, config.tls) }),
    staleMs: staleSeconds * 1_000,
    reports: reportsTo(node, staleSeconds),
    now: Date.now,
  };
}

/** Flows from before this setting, and those that leave it empty, have none. */
function checkedSeconds(seconds: unknown): number {
  const value = Number(seconds ?? 0);
  if (value >= 0 && value <= 3_600) return value;
  throw new ConfigError("staleSeconds", "the time for an outage is 0 to 3600 seconds");
}

/** What Node-RED's own node for TLS settings offers. */
interface TlsNode extends Node {
  readonly valid?: boolean;
  addTLSOptions(options: object): object;
}

interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

function tlsOf(RED: NodeAPI, id: string): TlsOptions {
  const node = RED.nodes.getNode(id) as TlsNode | null;
  if (!node || !("addTLSOptions" in node)) throw new ConfigError("tls", "TLS settings missing or disabled");
  // They would be left out in silence, and so would the authority that is trusted.
  if (node.valid === false) throw new ConfigError("tls", "the certificates of the TLS settings cannot be read");
  return node.addTLSOptions({});
}

function reportsTo(node: Node, staleSeconds: number) {
  const meanwhile = staleSeconds > 0 ? `Who is known is let in for ${staleSeconds} s more.` : "Nobody is let in.";
  return {
    away: (fault: Error) => node.error(`${fault.message} ${meanwhile}`),
    back: () => node.log("The key store is back."),
    warn: (message: string) => node.warn(message),
  };
}
