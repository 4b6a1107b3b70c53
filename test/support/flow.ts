import type { FlowNode } from "../harness/node-red.ts";

export const tab: FlowNode = { id: "tab", type: "tab", label: "tests" };

/** A node on the tests' tab. `wires` are the ids behind each output. */
export function node(
  id: string,
  type: string,
  more: Readonly<Record<string, unknown>>,
  ...wires: readonly string[][]
): FlowNode {
  return { id, type, z: "tab", name: id, x: 100, y: 100, wires, ...more };
}

export function httpIn(id: string, url: string, ...targets: readonly string[]): FlowNode {
  return node(id, "http in", { url, method: "get", upload: false }, [...targets]);
}

export function fn(id: string, func: string, ...targets: readonly string[]): FlowNode {
  return node(id, "function", { func, outputs: 1, noerr: 0, libs: [] }, [...targets]);
}

export const response: FlowNode = node("response", "http response", {});

export function tokenCheck(
  id: string,
  accepted: string,
  rejected: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): FlowNode {
  const config = {
    version: 1,
    store: "store",
    network: "",
    realm: "api",
    carriers: [{ in: "header", name: "x-auth-token", scheme: "" }],
    scopes: [],
    environment: "",
    hideCredentials: true,
    observe: false,
  };
  return node(id, "x-auth-token-check", { ...config, ...more }, [accepted], [...rejected]);
}

export function basicCheck(
  id: string,
  accepted: string,
  rejected: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): FlowNode {
  const config = {
    version: 1,
    store: "store",
    network: "",
    realm: "api",
    accept: "users-and-keys",
    scopes: [],
    environment: "",
    hideCredentials: true,
    observe: false,
  };
  return node(id, "basic-auth-check", { ...config, ...more }, [accepted], [...rejected]);
}

export function ipCheck(
  id: string,
  accepted: string,
  rejected: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): FlowNode {
  const config = {
    version: 1,
    network: "",
    allow: "127.0.0.1",
    allowType: "list",
    except: "",
    exceptType: "list",
    observe: false,
  };
  return node(id, "ip-allowlist", { ...config, ...more }, [accepted], [...rejected]);
}

export function keyStore(folder: string, more: Readonly<Record<string, unknown>> = {}): FlowNode {
  return {
    id: "store",
    type: "key-store-config",
    name: "keys",
    version: 1,
    backend: "embedded",
    folder,
    prefix: "gh",
    entries: [],
    ...more,
  };
}

export function rateLimit(
  id: string,
  accepted: string,
  rejected: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): FlowNode {
  const config = {
    version: 1,
    countBy: "address",
    property: "",
    otherwise: "refuse",
    ownLimit: false,
    limits: [{ requests: 5, per: 1, unit: "minute", burst: "" }],
    timeZone: "",
    cost: "1",
    costType: "num",
    sharedName: "",
    store: "",
    whenAway: "refuse",
    network: "",
    countRefused: false,
    olderFields: false,
    observe: false,
  };
  return node(id, "api-rate-limit", { ...config, ...more }, [accepted], [...rejected]);
}

/** Each rule is laid over one that fits everything and asks nothing. */
export function permissionCheck(
  id: string,
  accepted: string,
  rejected: readonly string[],
  rules: readonly Readonly<Record<string, unknown>>[],
  more: Readonly<Record<string, unknown>> = {},
): FlowNode {
  const scopes = { allOf: [], anyOf: [], noneOf: [] };
  const anybody = {
    effect: "allow",
    methods: [],
    path: "*",
    ...scopes,
    environment: "",
    caller: "",
    days: [],
    from: "",
    to: "",
  };
  const config = { version: 1, rules: rules.map((rule) => ({ ...anybody, ...rule })), timeZone: "", observe: false };
  return node(id, "permission-check", { ...config, ...more }, [accepted], [...rejected]);
}
