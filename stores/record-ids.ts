/** Longest id of a record, in bytes of UTF-8. */
export const maxIdBytes = 255;

const loneSurrogate = /\p{Surrogate}/u;

/**
 * The bytes by which a record is found and put in order; undefined for what cannot be an id: nothing, more than 255
 * bytes, or half a surrogate pair, which would become the same bytes as another such half.
 */
export function idBytes(id: string): Buffer | undefined {
  if (typeof id !== "string" || id.length === 0 || id.length > maxIdBytes || loneSurrogate.test(id)) return undefined;
  const bytes = Buffer.from(id);
  return bytes.length > maxIdBytes ? undefined : bytes;
}

/** The same for a record that is to be written. @throws TypeError when it has no usable id. */
export function requireIdBytes(id: string): Buffer {
  const bytes = idBytes(id);
  if (bytes === undefined) throw new TypeError(`An id is 1 to ${maxIdBytes} bytes of well-formed text.`);
  return bytes;
}
