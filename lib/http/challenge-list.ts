const maxLength = 16_384;

/** A challenge as received. */
export interface Challenge {
  /** As received; compare without regard to case. */
  readonly scheme: string;
  /** Names in lower case, values without quotes. */
  readonly params: ReadonlyMap<string, string>;
  readonly token68?: string;
}

interface Cursor {
  readonly text: string;
  at: number;
}

interface OpenChallenge extends Challenge {
  readonly params: Map<string, string>;
}

const word = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const space = /[ \t]*/y;
const commas = /[ \t,]*/y;
const equals = /[ \t]*=[ \t]*/y;
/** RFC 9110 section 5.6.4. */
const quoted = /"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"/y;
const token68 = /([A-Za-z0-9\-._~+/]+=*)(?=[ \t]*(?:,|$))/y;

/**
 * Splits the value of `WWW-Authenticate` or `Proxy-Authenticate` (RFC 9110 section 11.6.1), joined by commas where
 * several were sent. Undefined where any part is malformed, a parameter is repeated, or beyond 16 KiB.
 */
export function parseChallenges(value: string): readonly Challenge[] | undefined {
  if (value.length > maxLength) return undefined;
  const cursor: Cursor = { text: value, at: 0 };
  const challenges: OpenChallenge[] = [];
  take(cursor, commas);
  while (cursor.at < value.length) {
    if (!readElement(cursor, challenges)) return undefined;
    take(cursor, space);
    if (cursor.at < value.length && value[cursor.at] !== ",") return undefined;
    take(cursor, commas);
  }
  return challenges;
}

/** An element of the list is a parameter of the challenge before it, or begins a challenge. */
function readElement(cursor: Cursor, challenges: OpenChallenge[]): boolean {
  const name = take(cursor, word);
  if (name === undefined) return false;
  if (take(cursor, equals) !== undefined) return readParam(cursor, name, challenges.at(-1));
  return readChallenge(cursor, name, challenges);
}

function readChallenge(cursor: Cursor, scheme: string, challenges: OpenChallenge[]): boolean {
  const gap = take(cursor, space);
  const single = gap === "" ? undefined : take(cursor, token68);
  const challenge: OpenChallenge = { scheme, params: new Map(), ...(single !== undefined && { token68: single }) };
  challenges.push(challenge);
  if (gap === "" || single !== undefined || isAtEnd(cursor)) return true;
  const name = take(cursor, word);
  if (name === undefined || take(cursor, equals) === undefined) return false;
  return readParam(cursor, name, challenge);
}

function readParam(cursor: Cursor, name: string, challenge: OpenChallenge | undefined): boolean {
  const value = take(cursor, word) ?? take(cursor, quoted)?.slice(1, -1).replace(/\\(.)/gs, "$1");
  const key = name.toLowerCase();
  if (value === undefined || challenge === undefined || challenge.token68 !== undefined) return false;
  if (challenge.params.has(key)) return false;
  challenge.params.set(key, value);
  return true;
}

function isAtEnd({ text, at }: Cursor): boolean {
  return at === text.length || text[at] === ",";
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}
