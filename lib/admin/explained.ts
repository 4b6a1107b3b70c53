import { isIP } from "node:net";
import { checked, fail, list, object, optional, type Read, type Reader, string } from "./reader.ts";

/** RFC 9110 section 5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
/** RFC 9110 section 5.5. */
const fieldValue = /^[^\0\r\n]{0,8192}$/;

const field: Reader<readonly [name: string, value: string]> = (value, pointer, problems) => {
  const [name, text, more] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof name !== "string" || typeof text !== "string" || more !== undefined) {
    return fail(problems, pointer, "must be a name and a value");
  }
  const fits = token.test(name) && fieldValue.test(text);
  return fits ? [name, text] : fail(problems, pointer, "cannot be a header field");
};

/** A request that is only thought up, for a check that is deployed. */
export const explainedRequest = object({
  /** Id of the check. */
  node: string,
  method: optional(checked((text) => (token.test(text) ? undefined : "must be an HTTP method"))),
  /** With its query. */
  path: optional(
    checked((text) => (/^\/[!-~]{0,2047}$/.test(text) ? undefined : "must begin with / and hold no blanks")),
  ),
  headers: optional(list(field, 100)),
  /** Of the connection; what headers say of addresses is for the check to judge. */
  address: optional(checked((text) => (isIP(text) === 0 ? "must be an IP address" : undefined))),
  /** Put where the check expects it. */
  key: optional(string),
  user: optional(string),
  password: optional(string),
});

export type ExplainedRequest = Read<typeof explainedRequest>;
