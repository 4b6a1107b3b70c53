import type { FlowNode } from "../harness/node-red.ts";
import { TAB } from "./editor-page.ts";

const CONDITIONS = { scopes: [], environment: "", hideCredentials: true, observe: false };

const SCOPES = { allOf: [], anyOf: [], noneOf: [] };
const RULE = {
  effect: "allow",
  methods: [],
  path: "*",
  ...SCOPES,
  environment: "",
  caller: "",
  days: [],
  from: "",
  to: "",
};

/** Each node as the palette drops it. */
export const DROPPED = {
  basic: {
    type: "basic-auth-check",
    ...{ name: "", version: 1, store: "", network: "", realm: "API", accept: "users-and-keys", ...CONDITIONS },
  },
  token: {
    type: "x-auth-token-check",
    ...{ name: "", version: 1, store: "", network: "", realm: "API", ...CONDITIONS },
    carriers: [{ in: "header", name: "x-auth-token", scheme: "" }],
  },
  list: {
    type: "ip-allowlist",
    ...{ name: "", version: 1, network: "", observe: false },
    ...{ allow: "", allowType: "list", except: "", exceptType: "list" },
  },
  limit: {
    type: "api-rate-limit",
    ...{ name: "", version: 1, countBy: "address", property: "", otherwise: "refuse", ownLimit: false, timeZone: "" },
    limits: [{ requests: 100, per: 1, unit: "minute", burst: "" }],
    ...{ cost: "1", costType: "num", sharedName: "", store: "", whenAway: "refuse", network: "" },
    ...{ countRefused: false, olderFields: false, observe: false },
  },
  permission: { type: "permission-check", ...{ name: "", version: 1, rules: [RULE], timeZone: "", observe: false } },
  manage: { type: "key-manage", ...{ name: "", version: 1, store: "", operation: "", subject: "key" } },
  events: {
    type: "auth-events",
    ...{ name: "", version: 1, accepted: false, rejected: true, observed: true, changes: true, denied: true },
    ...{ reasons: [], check: "", store: "", every: 1, within: 60, perMinute: 60, expiryDays: 0 },
  },
} as const;

export const STORE: FlowNode = {
  id: "store1",
  type: "key-store-config",
  ...{ name: "Partners", version: 1, backend: "embedded", folder: "gatehouse", prefix: "gh", entries: [] },
};

export const NETWORK: FlowNode = {
  id: "network1",
  type: "network-config",
  ...{ name: "", version: 1, trusted: "loopback\n10.0.0.10  # load balancer", header: "x-forwarded-for" },
  ...{ withoutHeader: "refuse", allTrusted: "refuse" },
};

/** `GET /orders` behind a check. */
export function protectedEndpoint(
  check: Readonly<Record<string, unknown>> & { readonly type: string },
): readonly FlowNode[] {
  return [
    { id: "in", type: "http in", z: TAB.id, url: "/orders", method: "get", x: 150, y: 100, wires: [["check"]] },
    { ...check, id: "check", z: TAB.id, x: 360, y: 100, wires: [["body"], ["out"]] },
    {
      id: "body",
      type: "change",
      z: TAB.id,
      x: 580,
      y: 80,
      wires: [["out"]],
      rules: [{ t: "set", p: "payload", pt: "msg", to: "in", tot: "str" }],
    },
    { id: "out", type: "http response", z: TAB.id, x: 780, y: 100, wires: [] },
  ];
}
