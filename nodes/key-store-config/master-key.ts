import { createSecretKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError } from "../../lib/errors.ts";

const KEY_BYTES = 32;

/**
 * The store's master key: from the environment, from a file as Docker and Kubernetes mount secrets, or from the node's
 * credentials; never from beside the data (R27). Undefined where nobody gave one. Throws a `ConfigError` for one that
 * cannot be read.
 */
export function masterKeyOf(stored: string | undefined, env: NodeJS.ProcessEnv): KeyObject | undefined {
  const text = env.GATEHOUSE_MASTER_KEY ?? fileText(env.GATEHOUSE_MASTER_KEY_FILE) ?? stored;
  if (!text) return undefined;
  if (/^\$\{.*\}$/.test(text)) throw new ConfigError("masterKey", `the environment variable ${text} is not set`);
  const bytes = Buffer.from(text.trim(), "base64url");
  if (bytes.length < KEY_BYTES) throw new ConfigError("masterKey", "the master key is not base64url of 32 bytes");
  return createSecretKey(bytes);
}

function fileText(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new ConfigError("masterKey", "the file that GATEHOUSE_MASTER_KEY_FILE names cannot be read");
  }
}
