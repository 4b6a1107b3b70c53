export interface RuleEntry {
  effect: "allow" | "deny";
  /** Empty for every method. */
  methods: string[];
  /** `*` for any path. */
  path: string;
  allOf: string[];
  anyOf: string[];
  noneOf: string[];
  environment: "" | "production" | "sandbox";
  caller: "" | "user" | "key" | "server" | "client";
  /** 0 is Sunday; empty for every day. */
  days: number[];
  /** As `08:00`; both empty for any time. */
  from: string;
  to: string;
}

export interface PermissionCheckConfig {
  name: string;
  version: number;
  rules: RuleEntry[];
  /** For the rules' hours. */
  timeZone: string;
  observe: boolean;
}
