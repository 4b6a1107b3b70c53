const NONE: readonly string[] = Object.freeze([]);

/**
 * Values of all fields of one name, in wire order. Read from `rawHeaders`, because `headers` drops or joins repeated
 * fields. `name` is in lower case.
 */
export function fieldValues(rawHeaders: readonly string[], name: string): readonly string[] {
  let values: string[] | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (isNamed(rawHeaders[i] as string, name)) {
      values ??= [];
      values.push(rawHeaders[i + 1] as string);
    }
  }
  return values ?? NONE;
}

/** How many fields have this name, or how many there are at all. `name` is in lower case. */
export function fieldCount(rawHeaders: readonly string[], name?: string): number {
  if (name === undefined) return rawHeaders.length >>> 1;
  let count = 0;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (isNamed(rawHeaders[i] as string, name)) count++;
  }
  return count;
}

/** Node 20 and 24 drop fields silently beyond about this many, so the absence of a field proves nothing from here on. */
export const MAX_FIELDS = 1000;

/** Without the optional white space of RFC 9110 section 5.6.3: spaces and tabs only, not all that `trim` removes. */
export function trimWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Whether a field of a request has this name, which is in lower case. */
export function isNamed(field: string, name: string): boolean {
  return field.length === name.length && (field === name || field.toLowerCase() === name);
}

function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
