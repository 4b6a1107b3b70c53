/** A setting that cannot work. Raised when a check or store is built, never while a request is decided. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** The setting at fault, as named in the options. */
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}

export type StoreFault = "unreachable" | "damaged" | "unknown-version" | "missing" | "read-only" | "closed";

/** The store could not answer. Outside it is a 503; it never lets a request through. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreFault;

  constructor(code: StoreFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Too much work is waiting already. Outside it is a 503 with `Retry-After`. */
export class OverloadError extends Error {
  override readonly name = "OverloadError";
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
