import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AbuseCase, AbuseIndex } from "./abuse/types.ts";

export const builtInFolder = dirname(fileURLToPath(import.meta.url));

/** A case that calls for nothing but `lib`. */
export interface PureCase {
  readonly id: string;
  readonly description?: string;
  // The shape depends on the file and the operation.
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  /** Accepting is also conforming. */
  readonly may_accept?: boolean;
  /** Refusing is also conforming. */
  readonly may_reject?: boolean;
  /** False: the case describes another system. */
  readonly adopt?: boolean;
}

export const families = [
  "auth-combination",
  "basic-auth",
  "bearer-and-challenge",
  "digest",
  "forwarded",
  "htpasswd",
  "http-signatures",
  "ip-cidr",
  "jwt",
  "rate-limit",
] as const;

export type Family = (typeof families)[number];

export type CorpusFile =
  | { readonly file: string; readonly kind: "pure"; readonly cases: readonly (PureCase & { family: Family })[] }
  | { readonly file: string; readonly kind: "abuse"; readonly cases: readonly AbuseCase[] }
  | { readonly file: string; readonly kind: "unknown"; readonly cases: readonly { readonly id: string }[] };

export interface Corpus {
  readonly files: readonly CorpusFile[];
  readonly index: AbuseIndex;
}

interface RawFile {
  readonly format?: string;
  readonly title?: string;
  readonly meta?: { readonly title?: string };
  readonly cases?: readonly unknown[];
}

/** Reads every case file of a folder. Fixtures come from its index, or from the built-in one where it has none. */
export function readCorpus(folder: string = builtInFolder): Corpus {
  const documents = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => ({ file: name, content: JSON.parse(readFileSync(join(folder, name), "utf8")) as RawFile }));
  const index = documents.find(({ content }) => content.format?.startsWith("abuse-corpus-index"))?.content;
  const builtIn = join(builtInFolder, "abuse-index.json");
  return {
    files: documents.flatMap(({ file, content }) => (Array.isArray(content.cases) ? [classify(file, content)] : [])),
    index: (index ?? JSON.parse(readFileSync(builtIn, "utf8"))) as AbuseIndex,
  };
}

function classify(file: string, content: RawFile): CorpusFile {
  const cases = (content.cases ?? []) as readonly { readonly id: string }[];
  const isAbuse = content.format?.startsWith("abuse-corpus/") || cases.every((one) => "runner" in one);
  if (isAbuse) return { file, kind: "abuse", cases: cases as readonly AbuseCase[] };
  const title = content.meta?.title ?? content.title ?? "";
  const pure = (cases as readonly PureCase[]).map((one) => ({ ...one, family: familyOf(one, file, title) }));
  const known = pure.filter((one): one is PureCase & { family: Family } => one.family !== undefined);
  return known.length === pure.length ? { file, kind: "pure", cases: known } : { file, kind: "unknown", cases };
}

function familyOf(one: PureCase, file: string, title: string): Family | undefined {
  const byName = (text: string) => families.find((family) => text.startsWith(family));
  return byName(one.id ?? "") ?? byName(basename(file)) ?? byShape(one.input ?? {}) ?? byTitle(title);
}

const titles: readonly (readonly [RegExp, Family])[] = [
  [/combin|precedence/i, "auth-combination"],
  [/digest \(RFC|http digest/i, "digest"],
  [/message signatures|digest fields/i, "http-signatures"],
  [/CIDR/i, "ip-cidr"],
  [/behind proxies|forwarded/i, "forwarded"],
  [/bearer/i, "bearer-and-challenge"],
  [/htpasswd|password hash/i, "htpasswd"],
  [/rate limit/i, "rate-limit"],
  [/JWS|JWT/, "jwt"],
  [/basic/i, "basic-auth"],
];

function byTitle(title: string): Family | undefined {
  return titles.find(([pattern]) => pattern.test(title))?.[1];
}

const operations = new Map<string, Family>([
  ["combine", "auth-combination"],
  ["config", "auth-combination"],
  ["ip-policy", "auth-combination"],
  ["per-key-ip", "auth-combination"],
  ["request", "auth-combination"],
  ["lifecycle", "auth-combination"],
  ["parse-ip", "ip-cidr"],
  ["parse-cidr", "ip-cidr"],
  ["match", "ip-cidr"],
  ["rate-key", "ip-cidr"],
  ["parse-bearer", "bearer-and-challenge"],
  ["answer", "bearer-and-challenge"],
  ["parse-challenge", "bearer-and-challenge"],
  ["response", "digest"],
  ["userhash", "digest"],
  ["sequence", "rate-limit"],
  ["headers", "rate-limit"],
  ["sliding-count", "rate-limit"],
  ["parse-field", "rate-limit"],
  ["concurrent", "rate-limit"],
  ["store-down", "rate-limit"],
  ["auth-failures", "rate-limit"],
  ["content-digest", "http-signatures"],
  ["policy", "http-signatures"],
  ["jws", "jwt"],
]);

/** Members that only one kind of input has. */
const shapes: readonly (readonly [readonly string[], Family])[] = [
  [["algorithm", "remoteAddress"], "forwarded"],
  [["token"], "jwt"],
  [["hash", "password"], "htpasswd"],
  [["message"], "http-signatures"],
  [["challenge", "account"], "digest"],
];

function byShape(input: PureCase["input"]): Family | undefined {
  const shape = shapes.find(([members]) => members.every((member) => member in input));
  const byOperation = operations.get(String(input.op));
  return shape?.[1] ?? byOperation ?? ("header" in input || "headers" in input ? "basic-auth" : undefined);
}
