/** Whether something went through, and if not, who stopped it. */
export type AuditResult = "accepted" | "rejected" | "observed" | "changed" | "denied" | "due" | "noted";

type Member = string | number | boolean | readonly string[] | Readonly<Record<string, number>> | undefined;

/**
 * One entry of the audit trail. Every text of outside was escaped and cut when it was made; none is a secret. Further
 * members are flat, so that a row of a database takes them.
 */
export interface AuditEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** `access.accepted`, `key.create`, `admin.denied` and so on. */
  readonly event: string;
  readonly result: AuditResult;
  /** Id of the node that decided or changed something. */
  readonly node?: string;
  /** Id of the store that it used. */
  readonly store?: string;
  readonly reason?: string | undefined;
  readonly [member: string]: Member;
}

export interface AuditEntry {
  readonly event: AuditEvent;
  /** Whom it is counted for: an IPv4 address, the /64 of an IPv6 one, or a word where there is none. */
  readonly source: string;
}
