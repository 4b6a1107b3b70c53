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
  | "too-many-failures"
  | "limit-reached"
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

export interface Accepted {
  readonly accepted: true;
  /** Absent where a check proves no identity, as an address list. */
  readonly principal?: Principal;
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
  readonly principal?: Principal;
  /** Canonical form. */
  readonly address?: string;
}

/** Decides one request. Answers at once where it can, so that a cached decision costs no turn of the event loop. */
export type Check = (request: RequestFacts, caller?: Caller) => Awaitable<Verdict>;
