import { displayName } from "../names.ts";
import { checked, fail, list, type Reader, string } from "./reader.ts";

/** Controls and the like, but for the end of a line and the tab. */
const unfitForProse = /[^\P{Cc}\n\t]|[\p{Cs}\u202a-\u202e\u2066-\u2069]/u;
/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/;

/** A name that shows as itself wherever it is listed (R44), in NFC. */
export const visibleName: Reader<string> = (value, pointer, problems) => {
  const text = string(value, pointer, problems);
  if (text === undefined) return undefined;
  return displayName(text) ?? fail(problems, pointer, "takes 1 to 100 visible characters, with single blanks inside");
};

/** Free text of several lines. */
export function prose(max: number): Reader<string> {
  return checked((text) => {
    if (text.length > max) return `takes at most ${max} characters`;
    return unfitForProse.test(text) ? "takes no control characters" : undefined;
  });
}

const scope = checked((text) =>
  scopeToken.test(text) ? undefined : 'takes 1 to 64 visible ASCII characters, without blanks, " and \\',
);

/** Scopes, each once. */
export const scopeList: Reader<readonly string[]> = unique(list(scope, 50));

/** The list, if no item is in it twice. */
function unique(read: Reader<readonly string[]>): Reader<readonly string[]> {
  return (value, pointer, problems) => {
    const items = read(value, pointer, problems);
    if (items && new Set(items).size < items.length) problems.push({ pointer, detail: "holds an item twice" });
    return items;
  };
}
