import { createSecretKey, type KeyObject } from "node:crypto";
import { ConfigError } from "../../lib/errors.ts";
import { fileText, secretText } from "./secret-text.ts";

const KEY_BYTES = 32;

/**
 * The store's master key: from the environment, from a file as Docker and Kubernetes mount secrets, or from the node's
 * credentials; never from beside the data (R27). Undefined where nobody gave one. Throws a `ConfigError` for one that
 * cannot be read.
 */
export function masterKeyOf(stored: string | undefined, env: NodeJS.ProcessEnv): KeyObject | undefined {
  const file = env.GATEHOUSE_MASTER_KEY_FILE;
  const outside = env.GATEHOUSE_MASTER_KEY ?? (file === undefined ? undefined : fileText("masterKey", file));
  const text = outside ?? secretText("masterKey", stored, env);
  if (!text) return undefined;
  const isBase64 = /^[\w+/-]+={0,2}$/.test(text.trim());
  const bytes = Buffer.from(text.trim(), "base64url");
  // The decoder skips what is no base64: a sentence would do, as would the name of a variable.
  if (!isBase64 || bytes.length < KEY_BYTES)
    throw new ConfigError("masterKey", "the master key is not base64url of 32 bytes");
  return createSecretKey(bytes);
}
