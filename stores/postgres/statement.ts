/** A question to the server. Values are always parameters. */
export interface Statement {
  /** Under which each connection keeps it prepared. */
  readonly name: string;
  readonly text: string;
  readonly writes: boolean;
  /** For more than the usual 2 s. */
  readonly timeoutMs?: number;
}
