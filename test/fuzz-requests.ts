import type { Random } from "./harness/random.ts";

type Mutation = (bytes: Buffer, random: Random, corpus: readonly Buffer[]) => Buffer;

/** Texts that parsers stumble over. */
const snags = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  "\t",
  " ",
  ",",
  ":",
  ";",
  "=",
  "%00",
  "%0d%0a",
  "\u00ff",
  "\u00c3\u00a9",
  "Basic ",
  "Bearer ",
  "Authorization: ",
  "X-API-Key: ",
  "X-Forwarded-For: 127.0.0.3\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Content-Length: 5\r\n",
  "Connection: keep-alive\r\n",
  "Expect: 100-continue\r\n",
  "__proto__",
  "HTTP/1.1\r\n",
  "A".repeat(9000),
];

const mutations: readonly Mutation[] = [flip, remove, insert, repeatLine, dropLine, swapCase, splice, cut, overwrite];

/** A request made of one of the corpus by one to four changes, or of nothing at all. */
export function fuzzedRequest(corpus: readonly Buffer[], random: Random): Buffer {
  if (random.below(12) === 0) return random.bytes(1 + random.below(400));
  let bytes = random.pick(corpus);
  const count = random.below(5);
  for (let n = 0; n < count; n++) bytes = random.pick(mutations)(bytes, random, corpus);
  return bytes;
}

function flip(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const at = random.below(Math.max(1, bytes.length));
  if (at < bytes.length) changed.writeUInt8(changed.readUInt8(at) ^ (1 << random.below(8)), at);
  return changed;
}

function remove(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))]);
}

function insert(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(snags), "latin1"), bytes.subarray(at)]);
}

function overwrite(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const snag = Buffer.from(random.pick(snags), "latin1");
  return Buffer.concat([bytes.subarray(0, at), snag, bytes.subarray(at + snag.length)]);
}

function lines(bytes: Buffer): string[] {
  return bytes.toString("latin1").split("\r\n");
}

function repeatLine(bytes: Buffer, random: Random): Buffer {
  const all = lines(bytes);
  const line = all[1 + random.below(Math.max(1, all.length - 1))] ?? "";
  all.splice(1 + random.below(Math.max(1, all.length - 1)), 0, line);
  return Buffer.from(all.join("\r\n"), "latin1");
}

function dropLine(bytes: Buffer, random: Random): Buffer {
  const all = lines(bytes);
  all.splice(random.below(all.length), 1);
  return Buffer.from(all.join("\r\n"), "latin1");
}

function swapCase(bytes: Buffer, random: Random): Buffer {
  const all = lines(bytes);
  const at = random.below(all.length);
  const line = all[at] ?? "";
  all[at] = random.below(2) === 0 ? line.toUpperCase() : line.toLowerCase();
  return Buffer.from(all.join("\r\n"), "latin1");
}

function splice(bytes: Buffer, random: Random, corpus: readonly Buffer[]): Buffer {
  const other = random.pick(corpus);
  return Buffer.concat([
    bytes.subarray(0, random.below(bytes.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
}

function cut(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random.below(bytes.length + 1));
}
