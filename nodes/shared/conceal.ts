import type { IncomingMessage } from "node:http";
import type { Carrier } from "../../lib/check.ts";
import { withoutCookie } from "../../lib/http/cookies.ts";
import { isNamed } from "../../lib/http/header-fields.ts";
import { queryValues, withoutQuery } from "../../lib/http/query.ts";
import type { RequestRecord } from "./request-record.ts";

type FlowRequest = IncomingMessage & {
  originalUrl?: string;
  query?: Record<string, unknown>;
  cookies?: Record<string, unknown>;
  _parsedUrl?: unknown;
  _parsedOriginalUrl?: unknown;
};

/**
 * Takes credentials out of what the rest of the flow sees of a request. The facts keep them for other checks. An `open`
 * one, of a refused request, can be given back.
 */
export function conceal(
  req: IncomingMessage,
  record: RequestRecord,
  carriers: readonly Carrier[],
  open: boolean,
): void {
  for (const carrier of carriers) concealOne(req, record, carrier, open);
}

/**
 * Takes credentials of the query out of the payload that `http in` makes of it: Node-RED gives a copy, which `conceal`
 * does not reach, to each node but the first that is wired to it.
 */
export function concealCopy(payload: unknown, { facts }: RequestRecord, carriers: readonly Carrier[]): void {
  if (typeof payload !== "object" || payload === null) return;
  for (const { in: place, name } of carriers) {
    if (place !== "query" || !Object.hasOwn(payload, name)) continue;
    const copied = [(payload as Record<string, unknown>)[name]].flat();
    const values: readonly unknown[] = queryValues(facts.target, name);
    if (copied.every((value) => values.includes(value))) Reflect.deleteProperty(payload, name);
  }
}

/** Gives back what refusals hid. What an accepting check hid stays hidden. */
export function revealOpen(req: IncomingMessage, record: RequestRecord): void {
  const { hidden, fields } = record;
  if (!hidden) return;
  for (const [name, { value, open }] of hidden) {
    if (!open) continue;
    req.headers[name] = value as string;
    hidden.delete(name);
  }
  req.rawHeaders = [...hidden.keys()].reduce(withoutField, fields) as string[];
}

function concealOne(req: FlowRequest, record: RequestRecord, carrier: Carrier, open: boolean): void {
  if (carrier.in === "header") concealField(req, record, carrier.name, open);
  else if (carrier.in === "query") concealQuery(req, carrier.name);
  else concealCookie(req, record, carrier.name);
}

function concealField(req: IncomingMessage, record: RequestRecord, name: string, open: boolean): void {
  const known = record.hidden?.get(name);
  if (known) {
    known.open &&= open;
    return;
  }
  record.hidden ??= new Map();
  record.hidden.set(name, { value: req.headers[name], open });
  delete req.headers[name];
  req.rawHeaders = withoutField(req.rawHeaders, name);
}

/** A new list, so that what others hold of the old one stays as it is. */
function withoutField(rawHeaders: readonly string[], name: string): string[] {
  const left: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const field = rawHeaders[i] as string;
    if (!isNamed(field, name)) left.push(field, rawHeaders[i + 1] as string);
  }
  return left;
}

function concealQuery(req: FlowRequest, name: string): void {
  if (req.url !== undefined) req.url = withoutQuery(req.url, name);
  if (req.originalUrl !== undefined) req.originalUrl = withoutQuery(req.originalUrl, name);
  // `http in` hands this same object to the flow as the payload of a GET.
  if (req.query) delete req.query[name];
  req._parsedUrl = undefined;
  req._parsedOriginalUrl = undefined;
}

function concealCookie(req: FlowRequest, record: RequestRecord, name: string): void {
  if (req.cookies) delete req.cookies[name];
  const { cookie } = req.headers;
  if (cookie !== undefined) req.headers.cookie = withoutCookie(cookie, name);
  req.rawHeaders = withoutCookieIn(req.rawHeaders, name);
  record.fields = withoutCookieIn(record.fields, name);
}

function withoutCookieIn(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.map((text, i, all) =>
    i % 2 === 1 && isNamed(all[i - 1] as string, "cookie") ? withoutCookie(text, name) : text,
  );
}
