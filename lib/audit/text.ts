import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";

/** Characters that a text of outside takes in the trail (R48). */
const TEXT_LIMIT = 256;
const pseudonymBytes = 16;

/** Controls, bidirectional and invisible formatting, lone surrogates, private use, unassigned; line separators. */
const unsafe = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * A text of outside, harmless in a line, a terminal and a page of plain text: what does not show is written as `\uXXXX`.
 * At most `limit` characters; what was longer ends in `…`.
 */
export function escapeText(text: string, limit = TEXT_LIMIT): string {
  if (text.length <= limit && !unsafe.test(text)) return text;
  let shown = "";
  for (const character of text.slice(0, limit + 1)) {
    const next = unsafe.test(character) ? escaped(character) : character;
    if (shown.length + next.length > limit) return `${kept(shown, limit - 1)}…`;
    shown += next;
  }
  return shown;
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}

/** Cuts, but through no pair of surrogates. */
function kept(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1)) ? limit - 1 : limit;
  return text.slice(0, end);
}

/** The key for `pseudonym`: of the store's master key, so that it lasts; without one it lasts as long as the process. */
export function pseudonymKey(masterKey: KeyObject | undefined): KeyObject {
  if (!masterKey) return createSecretKey(randomBytes(32));
  return createSecretKey(Buffer.from(hkdfSync("sha256", masterKey, "", "gatehouse audit pseudonyms", 32)));
}

/** Stands for a name or id that nobody has: equal ones can be told to be equal, and nothing else (R49). */
export function pseudonym(text: string, key: KeyObject): string {
  const digest = createHmac("sha256", key).update(text).digest();
  return `hmac:${digest.subarray(0, pseudonymBytes).toString("base64url")}`;
}

/** The path of a request target, without its query, and without what an absolute one says of the host. */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  const path = end < 0 ? target : target.slice(0, end);
  const authority = /^[a-z][a-z\d+.-]*:\/\/[^/]*/i.exec(path)?.[0];
  return escapeText(authority === undefined ? path : path.slice(authority.length) || "/");
}
