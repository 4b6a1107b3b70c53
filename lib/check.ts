/** What a check may know of a request. Taken once, before anything is hidden from the flow. */
export interface RequestFacts {
  readonly method: string;
  /** The request target as received, with its query. */
  readonly target: string;
  /** Field names and values in turn, in wire order, as `http.IncomingMessage#rawHeaders`. */
  readonly rawHeaders: readonly string[];
  /** Address of the connection's other end; undefined once the socket is gone. */
  readonly peer: string | undefined;
}

export type Environment = "production" | "sandbox";

/** Who was let in. */
export interface Principal {
  readonly kind: "key" | "user";
  readonly id: string;
  readonly name: string;
  readonly environment: Environment;
  readonly scopes: readonly string[];
  /** Of a key: who is meant to hold it. */
  readonly keyKind?: "server" | "client";
  /** How much the caller may do, by its own record. */
  readonly limit?: { readonly requests: number; readonly windowMs: number };
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Stable words for why a request was refused. They reach the flow's author and the audit trail, never the caller. */
export type Reason =
  | "malformed-request"
  | "too-many-headers"
  | "missing-credentials"
  | "malformed-credentials"
  | "repeated-credentials"
  | "unknown"
  | "secret-mismatch"
  | "expired"
  | "not-yet-valid"
  | "disabled"
  | "revoked"
  | "unusable-record"
  | "address-unknown"
  | "address-refused"
  | "environment-refused"
  | "scope-missing"
  | "scope-refused"
  | "kind-refused"
  | "time-refused"
  | "not-permitted"
  | "too-many-failures"
  | "limit-reached"
  | "uncounted"
  | "overloaded"
  | "store-unavailable"
  | "audit-unavailable"
  | "misconfigured"
  | "timed-out"
  | "not-a-request"
  | "fault";

/** Where a credential was found, so that it can be hidden from the rest of the flow. */
export interface Carrier {
  readonly in: "header" | "query" | "cookie";
  /** Lower case for a header. */
  readonly name: string;
}

/** How a Bearer token proved the principal: what a later challenge has to name (RFC 6750 §3). */
export interface Bearer {
  readonly realm: string;
}

export interface Accepted {
  readonly accepted: true;
  /** Absent where a check proves no identity, as an address list. */
  readonly principal?: Principal;
  /** Only beside a principal, and only where its credential came as a Bearer token. */
  readonly bearer?: Bearer;
  /** The caller's address in canonical form, where the check looked at it. */
  readonly address?: string;
  /** Fields for the answer of the flow, such as `Cache-Control`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly carriers: readonly Carrier[];
}

export interface Rejected {
  readonly accepted: false;
  readonly status: 400 | 401 | 403 | 429 | 503;
  readonly reason: Reason;
  /** Values for `WWW-Authenticate`, strongest first. A 401 always has one. */
  readonly challenges: readonly string[];
  readonly retryAfterSeconds?: number;
  /** Further fields for the caller, such as `RateLimit`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
  /** For the flow's author: what was judged and by what rule. Holds no secret. */
  readonly detail?: string;
  /** Id of the key or user that was named, when it exists. */
  readonly principalId?: string;
  /** The name or id that was sent, when nobody has it. Goes nowhere but into the audit trail, and there as a pseudonym. */
  readonly attempted?: string;
  readonly carriers: readonly Carrier[];
}

/** A rejection is a value; what breaks is an exception. */
export type Verdict = Accepted | Rejected;

export type Awaitable<T> = T | Promise<T>;

/** What earlier checks of the same flow found out about the request. */
export interface Caller {
  readonly principal?: Principal | undefined;
  readonly bearer?: Bearer | undefined;
  /** Canonical form. */
  readonly address?: string | undefined;
  readonly given?: Given;
}

/** What the flow's author takes from the message for a check. Strangers may have written it: it proves nothing. */
export interface Given {
  /** What to count by. */
  readonly countBy?: unknown;
  readonly cost?: unknown;
}

/** Decides one request. Answers at once where it can, so that a cached decision costs no turn of the event loop. */
export type Check = (request: RequestFacts, caller?: Caller) => Awaitable<Verdict>;
