export interface NetworkConfig {
  name: string;
  version: number;
  /** Trusted proxies, one address, range or name a line. */
  trusted: string;
  /** `x-forwarded-for`, `forwarded`, or another header that holds one address. */
  header: string;
  /** A request that a trusted proxy makes itself, with no forwarding header. */
  withoutHeader: "refuse" | "peer";
  /** A chain in which every hop is a trusted proxy. */
  allTrusted: "refuse" | "left-most";
}
