export interface BasicAuthCheckConfig {
  name: string;
  version: number;
  store: string;
  network: string;
  realm: string;
  /** Which credentials are taken. */
  accept: "users-and-keys" | "users" | "keys";
  /** All of these must be held. */
  scopes: string[];
  environment: "" | "production" | "sandbox";
  hideCredentials: boolean;
  observe: boolean;
}
