/**
 * PostgreSQL's text has no U+0000. It is written as U+0001 U+0001 and U+0001 as U+0001 U+0002: one to one, in the same
 * order of bytes, and any text without these two stays as it is for whoever reads the table. Half a surrogate pair,
 * which has no UTF-8, becomes U+FFFD.
 */
export function toStored(text: string): string {
  const escaped = text.replaceAll("\u0001", "\u0001\u0002").replaceAll("\u0000", "\u0001\u0001");
  return escaped.replace(/\p{Surrogate}/gu, "\ufffd");
}

function fromStored(text: string): string {
  return text.replaceAll("\u0001\u0001", "\u0000").replaceAll("\u0001\u0002", "\u0001");
}

/** JSON text for PostgreSQL, with every text in it as `toStored` makes it. */
export function toStoredJson(value: object): string {
  const text = JSON.stringify(value);
  return /\\u(?:000[01]|d[89a-f])/.test(text) ? JSON.stringify(mapTexts(value, toStored)) : text;
}

export function fromStoredJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return text.includes("\\u0001") ? mapTexts(value, fromStored) : value;
}

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [map(name), mapTexts(inner, map)]));
}
