import { createHmac, type KeyObject } from "node:crypto";

/** No digest of this package under the same master key begins with this text. */
const domain = "gatehouse imported token\0";
const maxLength = 256;
const shortLength = 22;
const fewCharacters = 8;

/** Why a token that people brought along is easier to guess than a generated key. */
export type TokenWarning = "short" | "repetitive";

/** Whether a token can be imported and compared: 1 to 256 visible ASCII characters. */
export function isTokenText(text: string): boolean {
  return text.length <= maxLength && /^[!-~]+$/.test(text);
}

/** What is stored of an imported token. Keyed, because its entropy is unknown: the data alone allows no guessing. */
export function digestImportedToken(token: string, masterKey: KeyObject): string {
  return `hmac-sha256:${createHmac("sha256", masterKey).update(domain).update(token).digest("base64url")}`;
}

/** 22 characters of base64 hold 128 bits; with fewer than 8 different characters, length says little. */
export function importedTokenWarning(token: string): TokenWarning | undefined {
  if (token.length < shortLength) return "short";
  return new Set(token).size < fewCharacters ? "repetitive" : undefined;
}

/** The end of a secret that may be shown to tell secrets apart; nothing of a secret that it would give away. */
export function lastFour(secret: string): string {
  return secret.length < 4 * 4 ? "" : secret.slice(-4);
}
