import { createHash } from "node:crypto";

/** A Lua script and the name by which the server knows it once it has run. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
}

export function script(text: string): Script {
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
}

/** A script that runs only in the store that the client has opened: KEYS[1] is the marker, ARGV[1] its text. */
export function storeScript(text: string): Script {
  return script(`if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('GATEHOUSE missing') end
${text}`);
}
