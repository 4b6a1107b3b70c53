export interface KeyManageConfig {
  name: string;
  version: number;
  store: string;
  /** What is done with the store; empty for what `msg.payload.operation` says. */
  operation: string;
  /** On what; empty for what `msg.payload.type` says. */
  subject: "" | "key" | "user";
}
