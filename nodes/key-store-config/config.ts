/** How many entries the `credentials` back end holds: each has one password credential, `secret0` to `secret31`. */
export const ENTRY_SLOTS = 32;

/** One key or user of the `credentials` back end. Its secret is in the credential `secret<slot>`. */
export interface KeyStoreEntry {
  type: "key" | "user";
  /** `stored`: the credential holds a digest or password hash. `environment`: it is `${NAME}`, read at start. */
  source: "stored" | "environment";
  slot: number;
  /** The id inside a generated key; made up by the editor for an imported token; ignored for a user. */
  id: string;
  name: string;
  environment: "production" | "sandbox";
  scopes: string[];
  addresses: string[];
  /** ISO 8601, or empty for never. */
  expiresAt: string;
  disabled: boolean;
}

export interface KeyStoreConfig {
  name: string;
  /** Of this shape, so that later releases can migrate. */
  version: number;
  backend: "embedded" | "credentials" | "redis" | "postgres";
  /** For `embedded`: below the user directory, or absolute. */
  folder: string;
  /** For a database server: its address without a password, `${NAME}`, or `file:PATH`. */
  url: string;
  /** For a database server: a `tls-config` node, or empty for what the address says. */
  tls: string;
  /** For a database server: how long, in an outage, those are let in who are known. */
  staleSeconds: number | string;
  /** For `postgres`: where the tables are. */
  schema: string;
  /** First part of the keys made here. */
  prefix: string;
  /** Where the audit trail goes: below the user directory, or absolute; empty for nowhere. */
  auditFile: string;
  /** "No audit, no access". */
  auditRequired: boolean;
  auditMegabytes: number | string;
  /** Files put aside that are kept. */
  auditKeep: number | string;
  entries: KeyStoreEntry[];
}

/** The same for the dialog and the runtime: `text` is shown again in the dialog, a `password` never. */
export const SERVER_CREDENTIALS = {
  connectionUser: { type: "text" },
  connectionPassword: { type: "password" },
} as const;

/** `masterKey`: base64url of 32 bytes; `secret<slot>`: see KeyStoreEntry. */
export type KeyStoreCredentials = { masterKey?: string } & { [Name in keyof typeof SERVER_CREDENTIALS]?: string } & {
  [secret: `secret${number}`]: string | undefined;
};
