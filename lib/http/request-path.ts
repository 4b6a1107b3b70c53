/** Why a target's path is taken for nothing but trouble. */
export type PathDoubt = "target" | "encoding" | "empty-segment" | "dot-segment" | "separator";

export type RequestPath =
  | { readonly segments: readonly string[]; readonly doubt?: never }
  | { readonly doubt: PathDoubt };

/**
 * Characters that one reader of a path takes for a separator, a parameter or the end, and another for itself; a
 * percent sign that is left after decoding would be decoded again by the next reader.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for.
const doubtful = /[\u0000-\u001f\u007f/\\;#?]|%[0-9A-Fa-f]{2}/;

/**
 * The decoded segments of a request target's path, or a doubt about it: readers differ in what they make of dot segments,
 * encoded separators, empty segments and malformed escapes (RFC 3986 section 7.3; CWE-22, CWE-436), so that none of them
 * is matched with anything. A slash at the end means nothing, as in Node-RED's router.
 */
export function requestPath(target: string): RequestPath {
  if (!target.startsWith("/")) return { doubt: "target" };
  const query = target.indexOf("?");
  const raw = target.slice(1, query < 0 ? undefined : query).split("/");
  if (raw.at(-1) === "") raw.pop();
  const segments: string[] = [];
  for (const part of raw) {
    const segment = decoded(part);
    const doubt = doubtAbout(segment);
    if (doubt !== undefined) return { doubt };
    segments.push(segment as string);
  }
  return { segments };
}

function doubtAbout(segment: string | undefined): PathDoubt | undefined {
  if (segment === undefined) return "encoding";
  if (segment === "") return "empty-segment";
  if (segment === "." || segment === "..") return "dot-segment";
  return doubtful.test(segment) ? "separator" : undefined;
}

/** Undefined for malformed escapes and for what is no UTF-8. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** How a pattern and a path go together; `nearly` when they would but for upper and lower case or a form of Unicode. */
export type PathMatch = "yes" | "nearly" | "no";

export type PathPattern = (segments: readonly string[]) => PathMatch;

/** Any path, whatever it holds. */
export const anyPath = "*";

/**
 * Compiles a pattern: segments as they are when decoded, `:name` for any one segment, and `*` at the end for all below,
 * with what is before it. Undefined for what is no pattern.
 */
export function pathPattern(text: string): PathPattern | undefined {
  if (!text.startsWith("/") || text.length > 1000) return undefined;
  const parts = text.slice(1).split("/");
  const isOpen = parts.at(-1) === "*";
  if (isOpen || parts.at(-1) === "") parts.pop();
  if (!parts.every(isPatternPart)) return undefined;
  const folded = parts.map(fold);
  const hasLength = (length: number) => (isOpen ? length >= parts.length : length === parts.length);
  return (segments) => {
    if (!hasLength(segments.length)) return "no";
    if (parts.every((part, i) => part.startsWith(":") || part === segments[i])) return "yes";
    const isNear = parts.every((part, i) => part.startsWith(":") || folded[i] === fold(segments[i] as string));
    return isNear ? "nearly" : "no";
  };
}

function isPatternPart(part: string): boolean {
  if (part === "" || part === "." || part === ".." || part.includes("*") || part === ":") return false;
  return !doubtful.test(part);
}

/** Node-RED's router does not tell upper from lower case, nor do many backends; file systems do not tell forms of Unicode. */
function fold(segment: string): string {
  return segment.normalize("NFKC").toLowerCase();
}
