/** The version that an `If-Match: "3"` asks for; undefined without the field or for `*`; "malformed" for anything else. */
export function versionOf(ifMatch: unknown): number | undefined | "malformed" {
  if (ifMatch === undefined || ifMatch === "*") return undefined;
  const match = typeof ifMatch === "string" ? /^"([1-9]\d{0,14})"$/.exec(ifMatch) : null;
  return match ? Number(match[1]) : "malformed";
}
