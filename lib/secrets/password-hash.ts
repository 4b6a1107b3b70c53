import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { equalDigests, equalDigestTexts } from "./equal.ts";
import {
  argon2Parameters,
  type CryptHash,
  type HashKind,
  type PasswordHash,
  parsePasswordHash,
  type Sha1Hash,
} from "./hash-format.ts";
import { apr1Digest } from "./md5-crypt.ts";
import { shaCryptDigest } from "./sha-crypt.ts";

export interface PasswordMatch {
  readonly match: boolean;
  /** The hash is of an imported kind or too weak: after a match, store a new one. */
  readonly outdated: boolean;
}

/** bcrypt drops what follows: a longer password would be matched by its beginning. */
const maxBcryptBytes = 72;

/** Costs what a stored hash costs and matches nothing: for users that do not exist (security requirement R10). */
export const dummyPasswordHash = `$argon2id$v=19$m=${argon2Parameters.memoryCost},t=${argon2Parameters.timeCost},p=${argon2Parameters.parallelism}$${"A".repeat(22)}$${"A".repeat(43)}`;

// Native code, loaded with the first password: most flows have keys only. The test loader puts branches into `import()`.
/* c8 ignore next 2 */
const loadArgon2 = () => import("@node-rs/argon2");
const loadBcrypt = () => import("@node-rs/bcrypt");

/** A hash to store, in PHC form, with a new salt. Takes some 20 ms on the thread pool: call through a `hashQueue`. */
export async function hashPassword(password: string): Promise<string> {
  const argon2 = await loadArgon2();
  return argon2.hash(password, argon2Parameters);
}

/** As `hashPassword`, holding up everything for those 20 ms: for passwords read from the environment at a deploy. */
export function hashPasswordSync(password: string): string {
  const argon2: Awaited<ReturnType<typeof loadArgon2>> = createRequire(import.meta.url)("@node-rs/argon2");
  return argon2.hashSync(password, argon2Parameters);
}

/**
 * Whether the password is the one that was hashed. An unknown, damaged or too costly hash matches nothing.
 * Rejects only where hashing itself is impossible. Works on the thread pool, or in small parts; call through a `hashQueue`.
 */
export async function verifyPassword(hash: string, password: string): Promise<PasswordMatch> {
  const parsed = parsePasswordHash(hash);
  if (parsed === undefined) return { match: false, outdated: false };
  if (parsed.kind === "argon2id") {
    const argon2 = await loadArgon2();
    return { match: await argon2.verify(hash, password), outdated: parsed.outdated };
  }
  return { match: await matchesImported(parsed, hash, password), outdated: true };
}

/** What kind of hash a text is; undefined for one that `verifyPassword` would match with nothing. */
export function hashKind(hash: string): HashKind | undefined {
  return parsePasswordHash(hash)?.kind;
}

/** Whether some password can match the text. */
export function isUsableHash(hash: string): boolean {
  return hashKind(hash) !== undefined;
}

type ImportedHash = Exclude<PasswordHash, { readonly kind: "argon2id" }>;

function matchesImported(parsed: ImportedHash, hash: string, password: string): Promise<boolean> {
  switch (parsed.kind) {
    case "bcrypt":
      return matchesBcrypt(hash, password);
    case "sha1":
    case "ssha":
      return Promise.resolve(matchesSha1(parsed, password));
    default:
      return matchesCrypt(parsed, password);
  }
}

async function matchesBcrypt(hash: string, password: string): Promise<boolean> {
  const bcrypt = await loadBcrypt();
  // Verified even when too long, so that the time taken tells nothing of the kind of hash.
  const matches = await bcrypt.verify(password, hash);
  return matches && Buffer.byteLength(password) <= maxBcryptBytes;
}

function matchesSha1({ digest, salt }: Sha1Hash, password: string): boolean {
  return equalDigests(createHash("sha1").update(password).update(salt).digest(), digest);
}

async function matchesCrypt(stored: CryptHash, password: string): Promise<boolean> {
  const digest =
    stored.kind === "apr1" ? await apr1Digest(password, stored.salt) : await shaCryptDigest(password, stored);
  return equalDigestTexts(digest, stored.digest);
}
