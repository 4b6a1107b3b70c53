/**
 * The values of all cookies of one name in the given `Cookie` fields, in order, as they came: quotes stay, nothing is
 * decoded (RFC 6265 section 5.4 has a server do neither). Names count with their case.
 */
export function cookieValues(fields: readonly string[], name: string): string[] {
  return fields.flatMap((field) =>
    field
      .split(";")
      .filter((pair) => nameOf(pair) === name)
      .map((pair) => trimmed(pair.slice(pair.indexOf("=") + 1))),
  );
}

/** The `Cookie` field without the cookies of one name; the others stay as they are. */
export function withoutCookie(field: string, name: string): string {
  const pairs = field.split(";");
  const kept = pairs.filter((pair) => nameOf(pair) !== name);
  return kept.length === pairs.length ? field : trimmed(kept.join(";"));
}

/** Undefined for a part that is no pair. */
function nameOf(pair: string): string | undefined {
  const equals = pair.indexOf("=");
  return equals === -1 ? undefined : trimmed(pair.slice(0, equals));
}

/** Without spaces and tabs round it; `trim` would take more. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
