export interface AuthEventsConfig {
  name: string;
  version: number;
  /** Which results are told. */
  accepted: boolean;
  rejected: boolean;
  observed: boolean;
  /** Of keys, users and settings. The editor keeps the word "changed" for itself. */
  changes: boolean;
  denied: boolean;
  /** Only events with one of these; empty for any. */
  reasons: string[];
  /** Id of the node that decides; empty for any. */
  check: string;
  /** Id of a key store; empty for any. */
  store: string;
  /** One message for so many events of one source; 1 for each. */
  every: number;
  /** Seconds within which they must come. */
  within: number;
  /** Messages for one source and result a minute; what is beyond them comes in a summary. */
  perMinute: number;
  /** Days before a key or user expires; 0 for no reminders. */
  expiryDays: number;
}
