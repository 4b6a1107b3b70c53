import type { FlowNode } from "../../harness/node-red.ts";
import { type RateArrangement, rateCheck } from "./rate-flows.ts";
import { keyPrefix } from "./seed.ts";
import type { AbuseIndex, Fixture } from "./types.ts";

/** How the flows of the server under test are to be. Two that are equal need no deploy between them. */
export interface Arrangement {
  /** Folders of the stores that the fixtures were written to. */
  readonly folder: string;
  readonly otherFolder: string;
  /** The address fixture whose route is served. */
  readonly ip: string;
  readonly ipConfig?: Readonly<Record<string, unknown>>;
  /** Body of a function node between `http in` and the check. */
  readonly before?: string;
  /** Body of a function node between output 2 and `http response`. */
  readonly afterRefusal?: string;
  /** No nodes but those that a flow's author would draw: each hop more is one at which a deploy can lose a message. */
  readonly direct?: boolean;
  readonly store: "there" | "deleted" | "disabled" | "on a disabled flow";
  readonly rate?: RateArrangement;
  /** File that the store's audit trail goes to, and how many of it are kept. */
  readonly audit?: string;
  readonly auditKeep?: number;
  /** Port of a broker on loopback, where a case sends its message by MQTT. */
  readonly mqttPort?: number;
}

export type Route = "basic" | "token" | "ip" | "rate" | "rate2" | "rate-user";

/** The flows of all fixtures that the nodes serve so far. */
export function flowsOf(arrangement: Arrangement, index: AbuseIndex): readonly FlowNode[] {
  const { fixtures } = index;
  const nodes = [
    ...storeNodes(arrangement),
    tab("basic"),
    ...guarded("basic", fixtures["F-basic"]?.routes ?? [], basicCheck(fixtures["F-basic"] ?? {}), arrangement),
    tab("token"),
    networkNode("network-token", fixtures["F-ip"]?.trustedProxies ?? [], "X-Forwarded-For"),
    ...guarded("token", fixtures["F-token"]?.routes ?? [], tokenCheck(fixtures["F-token"] ?? {}), arrangement),
    ...addressNodes(arrangement, fixtures),
    ...limitNodes(arrangement, fixtures),
    ...entrances(arrangement),
    ...probe(),
  ];
  // A node without a place in the workspace would be taken for a configuration node.
  return nodes.map((node) => ("wires" in node ? { x: 100, y: 100, ...node } : node));
}

function storeNodes({ folder, otherFolder, store, audit = "", auditKeep = 10 }: Arrangement): readonly FlowNode[] {
  const config = { backend: "embedded", prefix: keyPrefix, entries: [], version: 1 };
  const other = { id: "store-other", type: "key-store-config", name: "other", folder: otherFolder, ...config };
  if (store === "deleted") return [other];
  const trail = { auditFile: audit, auditRequired: false, auditMegabytes: 10, auditKeep };
  const main = { id: "store", type: "key-store-config", name: "fixtures", folder, ...config, ...trail };
  if (store === "disabled") return [other, { ...main, d: true }];
  if (store === "there") return [other, main];
  return [other, { id: "tab-off", type: "tab", label: "off", disabled: true }, { ...main, z: "tab-off" }];
}

function tab(name: string): FlowNode {
  return { id: `tab-${name}`, type: "tab", label: name };
}

function basicCheck(fixture: Fixture): Readonly<Record<string, unknown>> {
  return {
    type: "basic-auth-check",
    version: 1,
    store: "store",
    network: "",
    realm: fixture.realm ?? "api",
    accept: "users-and-keys",
    scopes: [],
    environment: "",
    hideCredentials: true,
    observe: false,
  };
}

function tokenCheck(fixture: Fixture): Readonly<Record<string, unknown>> {
  const carriers = (fixture.carriers ?? []).map((carrier) => {
    const [name = "", scheme = ""] = carrier.split(/: */);
    return { in: "header", name: name.toLowerCase(), scheme };
  });
  return {
    type: "x-auth-token-check",
    version: 1,
    store: "store",
    network: "network-token",
    realm: "api",
    carriers,
    scopes: fixture.requiredScope ? [fixture.requiredScope] : [],
    environment: fixture.environment ?? "",
    hideCredentials: true,
    observe: false,
  };
}

function networkNode(id: string, trusted: readonly string[], header: string): FlowNode {
  return {
    id,
    type: "network-config",
    name: "",
    version: 1,
    trusted: trusted.join("\n"),
    header: header.toLowerCase(),
    withoutHeader: "refuse",
    allTrusted: "refuse",
  };
}

function addressNodes(arrangement: Arrangement, fixtures: AbuseIndex["fixtures"]): readonly FlowNode[] {
  const named = fixtures[arrangement.ip] ?? {};
  const fixture = { ...(named.as && fixtures[named.as]), ...named, ...(arrangement.ipConfig as Fixture | undefined) };
  const check = {
    type: "ip-allowlist",
    version: 1,
    network: "network-ip",
    allow: (fixture.allow ?? []).join("\n"),
    allowType: "list",
    except: "",
    exceptType: "list",
    observe: false,
  };
  return [
    tab("ip"),
    networkNode("network-ip", fixture.trustedProxies ?? [], fixture.header ?? "X-Forwarded-For"),
    ...guarded("ip", fixtures["F-ip"]?.routes ?? ["GET /ip"], check, arrangement),
  ];
}

function limitNodes(arrangement: Arrangement, fixtures: AbuseIndex["fixtures"]): readonly FlowNode[] {
  const { rate } = arrangement;
  if (!rate) return [];
  const fixture = fixtures["F-rate"] ?? {};
  const byAddress = rateCheck(fixture, rate, "address");
  const first = { id: "first-rate-user", z: "tab-rate-user", ...basicCheck(fixtures["F-basic"] ?? {}) };
  return [
    networkNode("network-rate", ["127.0.0.1"], "X-Forwarded-For"),
    ...(["rate", "rate2", "rate-user"] as const).map(tab),
    ...guarded("rate", ["GET /rate"], byAddress, arrangement),
    ...guarded("rate2", ["GET /rate2"], byAddress, arrangement),
    ...guarded("rate-user", ["GET /rate-user"], rateCheck(fixture, rate, "principal"), arrangement).map((node) =>
      node.id === "arrived-rate-user" ? { ...node, wires: [[first.id]] } : node,
    ),
    { ...first, wires: [["check-rate-user"], ["refused-rate-user"]] } as unknown as FlowNode,
  ];
}

/** A route as `GET,POST /basic`, with one check, and what tells the outputs apart. */
function guarded(
  name: Route,
  routes: readonly string[],
  check: Readonly<Record<string, unknown>>,
  { before, afterRefusal, direct }: Arrangement,
): readonly FlowNode[] {
  const z = `tab-${name}`;
  const entry = direct ? `check-${name}` : `before-${name}`;
  const outputs = direct
    ? [[`answer-${name}`], [`answer-${name}`]]
    : [
        [`passed-${name}`, `debug-${name}`],
        [`refused-${name}`, `debug-${name}`],
      ];
  const entries = routes.flatMap((route, r) => {
    const [methods = "", url = ""] = route.split(" ");
    return methods.split(",").map((method) => {
      const id = `in-${name}-${r}-${method.toLowerCase()}`;
      return { id, type: "http in", z, url, method: method.toLowerCase(), upload: false, wires: [[entry]] };
    });
  });
  const says = name === "token" ? '"ok key=" + msg.auth.id' : name === "basic" ? '"ok user=" + msg.auth.name' : '"ok"';
  const fields = 'msg.headers = { ...msg.headers, "X-Test-Output": ';
  return [
    ...entries,
    functionNode(`before-${name}`, z, before ?? "return msg;", [`arrived-${name}`]),
    functionNode(`arrived-${name}`, z, `${count(name, "seen")} return msg;`, [`check-${name}`]),
    {
      id: `check-${name}`,
      z,
      name,
      ...check,
      wires: outputs,
    } as unknown as FlowNode,
    functionNode(`passed-${name}`, z, `${count(name, "out1")} msg.payload = ${says}; ${fields}"1" }; return msg;`, [
      `answer-${name}`,
    ]),
    functionNode(`refused-${name}`, z, `${count(name, "out2")} ${fields}"2" }; ${afterRefusal ?? ""} return msg;`, [
      `answer-${name}`,
    ]),
    { id: `answer-${name}`, type: "http response", z, statusCode: "", headers: {}, wires: [] },
    {
      id: `debug-${name}`,
      type: "debug",
      z,
      active: true,
      complete: "true",
      console: false,
      tosidebar: true,
      wires: [],
    },
  ];
}

function functionNode(id: string, z: string, func: string, ...wires: readonly (readonly string[])[]): FlowNode {
  return { id, type: "function", z, name: "", func, outputs: wires.length, libs: [], wires };
}

function count(route: Route, what: "seen" | "out1" | "out2"): string {
  return `global.get("harness").count("${route}", "${what}");`;
}

const everyCheck = ["arrived-basic", "arrived-token", "arrived-ip"];

/** The ways into a flow that are no HTTP request (F-flow). */
function entrances({ mqttPort }: Arrangement): readonly FlowNode[] {
  const z = "tab-entrances";
  const listener = { id: "listener", type: "websocket-listener", path: "/ws", wholemsg: "true" };
  const broker = {
    id: "broker",
    type: "mqtt-broker",
    broker: "127.0.0.1",
    port: String(mqttPort),
    clientid: "",
    autoConnect: true,
    protocolVersion: "4",
    keepalive: "60",
    cleansession: true,
  };
  return [
    tab("entrances"),
    listener,
    { id: "ws-in", type: "websocket in", z, server: "listener", client: "", wires: [everyCheck] },
    { id: "inject", type: "inject", z, props: [{ p: "payload" }], repeat: "", once: false, wires: [everyCheck] },
    { id: "link-in", type: "link in", z, links: [], wires: [everyCheck] },
    ...(mqttPort === undefined
      ? []
      : [
          broker,
          {
            id: "mqtt-in",
            type: "mqtt in",
            z,
            broker: "broker",
            topic: "#",
            qos: "0",
            datatype: "auto-detect",
            wires: [everyCheck],
          },
        ]),
  ];
}

/** What the harness asks of the server under test. */
function probe(): readonly FlowNode[] {
  const z = "tab-probe";
  const run =
    'const harness = global.get("harness"); harness.command(msg.req.query); msg.payload = harness.report(msg); return msg;';
  return [
    tab("probe"),
    { id: "probe-in", type: "http in", z, url: "/harness/probe", method: "get", upload: false, wires: [["probe"]] },
    functionNode("probe", z, run, ["probe-out"]),
    { id: "probe-out", type: "http response", z, statusCode: "", headers: {}, wires: [] },
  ];
}
