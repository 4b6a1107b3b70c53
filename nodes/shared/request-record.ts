import { IncomingMessage } from "node:http";
import type { Caller, Rejected, RequestFacts } from "../../lib/check.ts";
import { newTicket } from "./ticket.ts";

/** What the message held before the first refusal, to be given back if a later check accepts. */
export type Held = Readonly<Record<string, unknown>>;

export interface Refusals {
  readonly all: readonly [Rejected, ...Rejected[]];
  readonly before: Held;
}

/** How far one branch of a flow has come with a request. Known by the ticket that its message carries. */
export interface Passage extends Caller {
  readonly ticket: string;
  /** Types of the nodes that accepted, in order. */
  readonly acceptedBy: readonly string[];
  readonly refusals: Refusals | undefined;
}

export interface HiddenField {
  readonly value: unknown;
  /** Comes back if a later check accepts. */
  open: boolean;
}

/** What is remembered beside a request for as long as the request lives. */
export interface RequestRecord {
  readonly facts: RequestFacts;
  /** Set when the request as such cannot be judged, whatever it carries. */
  readonly defect: Rejected | undefined;
  readonly passages: Passage[];
  /** As `rawHeaders`, with the fields that are hidden, but without the cookies that are. */
  fields: readonly string[];
  /** Hidden header fields by lower-case name. Made with the first: most requests have but one. */
  hidden: Map<string, HiddenField> | undefined;
}

const records = new WeakMap<IncomingMessage, RequestRecord>();

/** Beyond about this many, Node drops fields without a word (R6). */
const FIELD_LIMIT = 1000;

/** A flow that sends one request round and round keeps only its latest passages. */
const PASSAGE_LIMIT = 64;

/** The record of a real request; undefined for anything that only looks like one (R2). */
export function requestRecord(req: unknown): RequestRecord | undefined {
  if (!(req instanceof IncomingMessage)) return undefined;
  const known = records.get(req);
  if (known) return known;
  const facts = factsOf(req);
  const { rawHeaders: fields } = facts;
  const record: RequestRecord = { facts, defect: defectOf(facts), passages: [], fields, hidden: undefined };
  records.set(req, record);
  return record;
}

function factsOf(req: IncomingMessage & { originalUrl?: string }): RequestFacts {
  return {
    method: req.method ?? "",
    target: req.originalUrl ?? req.url ?? "",
    rawHeaders: req.rawHeaders,
    peer: req.socket.remoteAddress,
  };
}

/** Why a request cannot be judged, whatever it carries. */
export function defectOf({ rawHeaders }: RequestFacts): Rejected | undefined {
  if (rawHeaders.length >= 2 * FIELD_LIMIT) return badRequest("too-many-headers", "1000 header fields or more");
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  return hosts > 1 ? badRequest("malformed-request", "more than one Host field") : undefined;
}

function badRequest(reason: "too-many-headers" | "malformed-request", detail: string): Rejected {
  return { accepted: false, status: 400, reason, detail, challenges: [], carriers: [] };
}

/** The passage that a message's ticket stands for; undefined for a message that no check has let through or refused. */
export function passageOf(record: RequestRecord, ticket: unknown): Passage | undefined {
  return typeof ticket === "string" ? record.passages.find((passage) => passage.ticket === ticket) : undefined;
}

/** Remembers a passage under a new ticket that nobody can guess. */
export function notePassage(record: RequestRecord, passage: Omit<Passage, "ticket" | "given">): Passage {
  const { principal, bearer, address, acceptedBy, refusals } = passage;
  const noted: Passage = { ticket: newTicket(), principal, bearer, address, acceptedBy, refusals };
  if (record.passages.length >= PASSAGE_LIMIT) record.passages.shift();
  record.passages.push(noted);
  return noted;
}
