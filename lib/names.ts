const maxUserNameBytes = 255;
const maxPasswordBytes = 1024;
const maxDisplayNameCharacters = 100;

/** What most names and passwords are made of: no change, no look at tables. */
const plainUserName = /^[!-9;-~]{1,255}$/;
const plainPassword = /^[ -~]{1,1024}$/;
/** Controls, invisible and bidirectional formatting, lone surrogates, private use, unassigned; white space but U+0020. */
const hidden = /[\p{C}\p{Default_Ignorable_Code_Point}\u{2028}\u{2029}]|(?! )\p{Zs}/u;
/** Joins or colours emoji: fine where a name is only shown. */
const emojiParts = /\u200d|\ufe0f/g;
/** Controls and lone surrogates. */
const unsafe = /[\p{Cc}\p{Cs}]/u;
/** RFC 8265 section 4.2.2: every space is U+0020. */
const otherSpaces = /(?! )\p{Zs}/gu;

/**
 * The one form of a user's name (RFC 8265 section 3.4, UsernameCasePreserved): NFC, no case folding, nothing trimmed.
 * Undefined for an empty name, one of more than 255 bytes, and one with a colon (RFC 7617), invisible characters,
 * characters that only look like others (compatibility forms), or spaces other than one at a time inside.
 */
export function normaliseUserName(text: string): string | undefined {
  if (plainUserName.test(text)) return text;
  if (text.length > maxUserNameBytes * 4) return undefined;
  const name = text.normalize("NFC");
  if (name === "" || Buffer.byteLength(name) > maxUserNameBytes) return undefined;
  if (name.includes(":") || hidden.test(name) || hasStraySpace(name)) return undefined;
  return name.normalize("NFKC") === name ? name : undefined;
}

/**
 * The one form of a password (RFC 8265 section 4.2, OpaqueString): spaces of any kind are U+0020, then NFC.
 * Undefined for an empty password, one of more than 1,024 bytes, and one with controls.
 */
export function normalisePassword(text: string): string | undefined {
  if (plainPassword.test(text)) return text;
  if (text.length > maxPasswordBytes * 4) return undefined;
  const password = text.replace(otherSpaces, " ").normalize("NFC");
  if (password === "" || Buffer.byteLength(password) > maxPasswordBytes) return undefined;
  return unsafe.test(password) ? undefined : password;
}

/** A name for people to read: NFC, 1 to 100 visible characters, spaces one at a time inside. Undefined where it is none. */
export function displayName(text: string): string | undefined {
  if (text.length > maxDisplayNameCharacters * 4) return undefined;
  const name = text.normalize("NFC");
  const visible = name.replace(emojiParts, "");
  if (visible === "" || [...name].length > maxDisplayNameCharacters) return undefined;
  return hidden.test(visible) || hasStraySpace(name) ? undefined : name;
}

function hasStraySpace(text: string): boolean {
  return text.startsWith(" ") || text.endsWith(" ") || text.includes("  ");
}
