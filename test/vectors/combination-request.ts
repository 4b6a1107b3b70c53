import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Check, Verdict } from "../../lib/check.ts";
import { basicAuth } from "../../lib/checks/basic-auth.ts";
import { token } from "../../lib/checks/token.ts";
import type { TokenCarrier } from "../../lib/checks/token-carriers.ts";
import { clientAddress } from "../../lib/net/client-address.ts";
import { digestImportedToken } from "../../lib/secrets/imported-token.ts";
import { hashPassword } from "../../lib/secrets/password-hash.ts";
import { conceal } from "../../nodes/shared/conceal.ts";
import { requestRecord } from "../../nodes/shared/request-record.ts";
import { openStore } from "../../stores/open.ts";
import { keyRecord, keyringOf, masterKey } from "./combination-records.ts";
import type { PureCase } from "./corpus.ts";
import type { Outcome } from "./report.ts";

interface Guard {
  readonly scheme: string;
  readonly header?: string;
  readonly query?: string;
  readonly cookie?: string;
  /** Client by key. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Password by name. */
  readonly users?: Readonly<Record<string, string>>;
  readonly hideCredentials?: boolean;
  readonly runOnPreflight?: boolean;
}

interface GuardedRequest {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly headerList?: readonly (readonly [string, string])[];
}

interface ExpectedAnswer {
  readonly status?: number;
  readonly wwwAuthenticate?: boolean;
  readonly client?: string | null;
  readonly forwardedUrl?: string;
  readonly forwardedUrlOneOf?: readonly string[];
  readonly forwardedHeaders?: Readonly<Record<string, string | null>>;
}

const knownMembers = new Set([
  "scheme",
  "header",
  "query",
  "cookie",
  "keys",
  "users",
  "hideCredentials",
  "runOnPreflight",
]);

/** One HTTP request against a described guard: the token check, and what it leaves of the request. */
export async function runRequest({ input, expected }: PureCase): Promise<Outcome> {
  const { guard, request } = input as unknown as { guard: Guard; request: GuardedRequest };
  const unknown = Object.keys(guard).filter((member) => !knownMembers.has(member));
  const build = builders.get(guard.scheme);
  if (!build) return `unsupported: guard of scheme ${guard.scheme}`;
  if (unknown.length > 0) return `unsupported: guard with ${unknown.join(", ")}`;
  const wanted = expected as ExpectedAnswer;
  // Express answers a preflight before any flow runs.
  if (request.method === "OPTIONS" && guard.runOnPreflight === false)
    return wanted.status === 200 || `status 200, not ${wanted.status}`;
  const req = incoming(request);
  const record = requestRecord(req);
  if (!record) return "the request was not recognised as one";
  const verdict = record.defect ?? (await (await build(guard))(record.facts));
  if (guard.hideCredentials) conceal(req, record, verdict.carriers, false);
  const problems = [...judgeVerdict(verdict, wanted), ...judgeForwarded(req, wanted)];
  return problems.length === 0 || problems.join("; ");
}

function incoming({ method = "GET", url = "/", headers = {}, headerList }: GuardedRequest): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  Object.defineProperty(req.socket, "remoteAddress", { value: "192.0.2.1" });
  req.method = method;
  req.url = url;
  const fields =
    headerList ?? Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  req.rawHeaders = fields.flat();
  for (const [name, value] of fields) req.headers[name.toLowerCase()] ??= value;
  return req;
}

const socketAddress = clientAddress({ trusted: undefined, header: "x-forwarded-for" });

const builders = new Map<string, (guard: Guard) => Check | Promise<Check>>([
  ["api-key", tokenCheck],
  ["basic", basicCheck],
]);

async function basicCheck({ users = {} }: Guard): Promise<Check> {
  const now = Date.now;
  const records = Object.entries(users).map(async ([name, password]) => {
    const { kind: _, secrets: __, ...base } = keyRecord(name);
    return { ...base, passwordHash: await hashPassword(password) };
  });
  const store = openStore({ backend: "credentials", keys: [], users: await Promise.all(records), now });
  return basicAuth({
    keyring: keyringOf(store, now),
    realm: "api",
    accept: "users-and-keys",
    requirements: { scopes: [] },
    clientAddress: socketAddress,
  });
}

function tokenCheck({ header, query, cookie, keys = {} }: Guard): Check {
  const now = Date.now;
  const records = Object.entries(keys).map(([text, client]) => ({
    ...keyRecord(client),
    secrets: [{ digest: digestImportedToken(text, masterKey), lastFour: text.slice(-4), createdAt: 0 }],
  }));
  const store = openStore({ backend: "credentials", keys: records, users: [], now });
  const named: readonly (readonly [TokenCarrier["in"], string | undefined])[] = [
    ["header", header],
    ["query", query],
    ["cookie", cookie],
  ];
  return token({
    keyring: keyringOf(store, now),
    carriers: named.flatMap(([where, name]) => (name === undefined ? [] : [{ in: where, name }])),
    realm: "api",
    requirements: { scopes: [] },
    clientAddress: socketAddress,
  });
}

function judgeVerdict(verdict: Verdict, { status, wwwAuthenticate, client }: ExpectedAnswer): readonly string[] {
  const actual = verdict.accepted ? 200 : verdict.status;
  const challenged = !verdict.accepted && verdict.challenges.length > 0;
  const name = verdict.accepted ? verdict.principal?.name : undefined;
  return [
    ...(status === undefined || actual === status ? [] : [`status ${actual}, not ${status}`]),
    ...(wwwAuthenticate === undefined || challenged === wwwAuthenticate ? [] : [`challenged: ${challenged}`]),
    ...(client === undefined || (client ?? undefined) === name ? [] : [`client ${name}, not ${client}`]),
  ];
}

function judgeForwarded(req: IncomingMessage, expected: ExpectedAnswer): readonly string[] {
  const urls = expected.forwardedUrlOneOf ?? (expected.forwardedUrl === undefined ? [] : [expected.forwardedUrl]);
  const wrongFields = Object.entries(expected.forwardedHeaders ?? {}).filter(([name, value]) => {
    return (req.headers[name.toLowerCase()] ?? null) !== value;
  });
  return [
    ...(urls.length === 0 || urls.includes(req.url ?? "") ? [] : [`forwarded ${req.url}, not ${urls.join(" or ")}`]),
    ...wrongFields.map(([name]) => `forwarded ${name}: ${String(req.headers[name.toLowerCase()])}`),
  ];
}
