export interface TokenCarrier {
  in: "header" | "query" | "cookie";
  name: string;
  /** Only for the header `authorization`: the scheme before the token, such as `Bearer`. */
  scheme: string;
}

export interface XAuthTokenCheckConfig {
  name: string;
  version: number;
  store: string;
  network: string;
  realm: string;
  carriers: TokenCarrier[];
  /** All of these must be held. */
  scopes: string[];
  environment: "" | "production" | "sandbox";
  hideCredentials: boolean;
  observe: boolean;
}
