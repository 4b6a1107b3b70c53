import { formatBasic } from "../lib/http/authorization.ts";
import { generateApiKey } from "../lib/secrets/api-key.ts";
import { embeddedNodeRed } from "./embedded-node-red.ts";
import { benchUser } from "./flows.ts";
import { type Injection, inject } from "./inject.ts";
import { atMost, beside, explained, type Measurement, type Row, ratio } from "./row.ts";
import { type Cost, interleave, median, medianAdded, medianRatio } from "./statistics.ts";

const CHUNK = 500;

/** What a browser or HTTP library sends besides. */
const usual = [
  ["Host", "localhost:1880"],
  ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64) bench"],
  ["Accept", "application/json, text/plain, */*"],
  ["Accept-Encoding", "gzip, deflate, br"],
  ["Accept-Language", "en-GB,en;q=0.9"],
  ["Connection", "keep-alive"],
].flat();

/** What one request costs in the flow, unguarded and guarded. */
export const inProcess: Measurement = async ({ quick }) => {
  const { listener, key, close } = await embeddedNodeRed();
  const token = ["X-Auth-Token", key];
  const basic = ["Authorization", formatBasic(benchUser.name, benchUser.password)];
  const unknownToken = ["X-Auth-Token", generateApiKey({ prefix: "gh", environment: "production" }).text];
  const chunk = (path: string, credential: readonly string[], status = 200) => {
    const manyCallers = status !== 200;
    const injection: Injection = { url: path, rawHeaders: [...usual, ...credential], status, manyCallers };
    return () => inject(listener, injection, CHUNK);
  };
  await inject(listener, { url: "/basic", rawHeaders: [...usual, ...basic], status: 200 }, 1);
  const costs = await interleave(
    {
      plain: chunk("/plain", token),
      pass: chunk("/pass", token),
      pass3: chunk("/pass-3", token),
      token: chunk("/token", token),
      basic: chunk("/basic", basic),
      ip: chunk("/ip", token),
      chain: chunk("/chain", token),
      fnToken: chunk("/fn-token", token),
      fnBasic: chunk("/fn-basic", basic),
      fnKey: chunk("/fn-key", token),
      rejectUnknown: chunk("/token", unknownToken, 401),
      rejectMissing: chunk("/token", [], 401),
      rejectUnwired: chunk("/unwired", unknownToken, 401),
      fnReject: chunk("/fn-token", unknownToken, 401),
    },
    { size: CHUNK, warmUpRounds: quick ? 3 : 8, seconds: quick ? 15 : 120 },
  );
  await close();
  return rows(costs);
};

type Costs = Readonly<Record<Flow, readonly Cost[]>>;
type Flow =
  | "plain"
  | "pass"
  | "pass3"
  | "token"
  | "basic"
  | "ip"
  | "chain"
  | "fnToken"
  | "fnBasic"
  | "fnKey"
  | "rejectUnknown"
  | "rejectMissing"
  | "rejectUnwired"
  | "fnReject";

function rows(costs: Costs): readonly Row[] {
  const { plain } = costs;
  const of = (name: Flow) => `${micro(median(costs[name].map(({ cpu }) => cpu)))} a request`;
  const to = (name: Flow) => medianRatio(costs[name], plain);
  const added = (name: Flow) => medianAdded(costs[name], plain);
  const share = (check: Flow, hand: Flow) => added(check) / added(hand);
  const parts = (check: Flow, hand: Flow) => `adds ${micro(added(check))}, the function node ${micro(added(hand))}`;
  const serving = (name: Flow) => medianRatio(costs[name], costs.token);
  const wired = `${of("rejectUnknown")}, by http response; serving does nothing but answer {}`;
  const delivery = `a node that does nothing costs ${micro(added("pass"))} already`;
  const work = "a check reads the key from the store, hashes, compares in constant time, hides and names";
  return [
    beside("unguarded flow", of("plain")),
    explained(
      atMost("one token check ÷ unguarded flow", to("token"), 1.08, ratio, of("token")),
      `${delivery}; ${work}`,
    ),
    explained(
      atMost("one cached Basic check ÷ unguarded flow", to("basic"), 1.08, ratio, of("basic")),
      `${delivery}; ${work}`,
    ),
    beside("a node that does nothing ÷ unguarded flow", ratio(to("pass")), "Node-RED's own delivery"),
    explained(
      atMost("token check: added ÷ a function node", share("token", "fnToken"), 0.25, ratio, parts("token", "fnToken")),
      `the function node compares two texts; ${work}; and ${delivery}`,
    ),
    explained(
      atMost("Basic check: added ÷ a function node", share("basic", "fnBasic"), 0.25, ratio, parts("basic", "fnBasic")),
      `the function node compares two texts; ${work}; and ${delivery}`,
    ),
    beside(
      "token check: added ÷ a function node that does as much",
      ratio(share("token", "fnKey")),
      parts("token", "fnKey"),
    ),
    beside("function node ÷ unguarded flow", `${ratio(to("fnToken"))} token, ${ratio(to("fnBasic"))} Basic`),
    explained(
      atMost("address + limit + token as three nodes ÷ unguarded flow", to("chain"), 1.15, ratio, of("chain")),
      `three nodes that do nothing are at ${ratio(to("pass3"))}`,
    ),
    beside("three nodes that do nothing ÷ unguarded flow", ratio(to("pass3"))),
    beside("address list alone ÷ unguarded flow", ratio(to("ip"))),
    explained(
      atMost("rejecting an unknown key ÷ serving a known one, CPU", serving("rejectUnknown"), 0.7, ratio, wired),
      "serving ends in {}, and http response spends more on a text with header fields",
    ),
    explained(
      atMost("the same, answered by the check itself", serving("rejectUnwired"), 0.7, ratio, of("rejectUnwired")),
      "most of a request is spent in Express and http in, before any node decides; refusing earlier takes route-guard",
    ),
    beside("rejecting without credentials ÷ serving, CPU", ratio(serving("rejectMissing")), of("rejectMissing")),
    beside("rejecting by a function node ÷ serving by one, CPU", ratio(medianRatio(costs.fnReject, costs.fnToken))),
  ];
}

function micro(value: number): string {
  return `${value.toFixed(1)} µs`;
}
