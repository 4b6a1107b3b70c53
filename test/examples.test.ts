import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisedLines } from "./harness/curl.ts";
import { type FlowNode, type NodeRed, packageRoot, startNodeRed } from "./harness/node-red.ts";

const folder = join(packageRoot, "examples");
const names = readdirSync(folder).sort();
const manifest = createRequire(import.meta.url)("../package.json");
const ownTypes: readonly string[] = Object.keys(manifest["node-red"].nodes);
const coreTypes = ["tab", "group", "comment", "inject", "debug", "function", "change", "template", "json"];
const httpTypes = ["http in", "http request", "http response"];
const known = new Set([...ownTypes, ...coreTypes, ...httpTypes]);
const ends = new Set(["tab", "group", "comment", "debug", "http response"]);

type Wired = FlowNode & { readonly wires: readonly (readonly string[])[]; readonly z?: string; readonly g?: string };

function read(name: string): readonly Wired[] {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}

interface Box {
  readonly node: Wired;
  readonly x: number;
  readonly y: number;
}

function boxes(nodes: readonly Wired[]): readonly Box[] {
  return nodes.flatMap((node) =>
    typeof node.x === "number" && node.type !== "group" ? [{ node, x: node.x, y: Number(node.y) }] : [],
  );
}

describe("the examples", () => {
  const all = names.flatMap(read);

  it("are numbered, without a gap", () => {
    assert.deepEqual(
      names.map((name) => Number(/^(\d\d) - .+\.json$/.exec(name)?.[1])),
      names.map((_, i) => i + 1),
    );
  });

  it("can be imported together: no id and no endpoint twice", () => {
    const ids = all.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const endpoints = all.filter(({ type }) => type === "http in").map(({ method, url }) => `${method} ${url}`);
    assert.equal(new Set(endpoints).size, endpoints.length);
  });

  it("show every node of the package", () => {
    assert.deepEqual(
      ownTypes.filter((type) => !all.some((node) => node.type === type)),
      [],
    );
  });

  for (const name of names) describe(name, () => checkExample(read(name)));
});

function checkExample(nodes: readonly Wired[]): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ofType = (...types: readonly string[]) => nodes.filter(({ type }) => types.includes(type));
  const credentialChecks = ["basic-auth-check", "x-auth-token-check"];
  const checks = ofType(...credentialChecks, "ip-allowlist", "api-rate-limit", "permission-check");

  it("is made of known nodes on one tab", () => {
    assert.deepEqual(
      nodes.filter(({ type }) => !known.has(type)),
      [],
    );
    const [tab, second] = ofType("tab");
    assert.ok(tab && !second);
    const elsewhere = nodes.filter(({ type, z }) => type !== "tab" && !type.endsWith("-config") && z !== tab.id);
    assert.deepEqual(elsewhere, []);
  });

  it("holds no credentials, and no key in full", () => {
    assert.deepEqual(
      nodes.filter((node) => "credentials" in node || "secret" in node || "password" in node),
      [],
    );
    assert.doesNotMatch(JSON.stringify(nodes), /gh_(live|test)_\w{20,}/);
  });

  it("wires every output, to nodes that are there", () => {
    for (const { id, type, wires } of nodes) {
      if (ends.has(type) || type.endsWith("-config")) continue;
      assert.ok(wires.length > 0 && wires.every((output) => output.length > 0), `${type} ${id} is not wired`);
      for (const target of wires.flat()) assert.ok(byId.has(target), `${type} ${id} leads nowhere`);
    }
  });

  it("wires both outputs of each check; the second to an answer without a status of its own, or to another check", () => {
    for (const { id, wires } of checks) {
      assert.equal(wires.length, 2, id);
      for (const target of wires[1]!.map((wire) => byId.get(wire)!)) {
        if (target.type === "http response") assert.equal(target.statusCode, "");
        else assert.ok(checks.includes(target), `output 2 of ${id} leads to ${target.type}`);
      }
    }
  });

  it("has every node reached: no check without an endpoint, no answer without a question", () => {
    const reached = new Set(nodes.flatMap(({ wires }) => wires ?? []).flat());
    const starts = new Set(["tab", "group", "comment", "inject", "http in", "auth-events"]);
    const lost = nodes.filter(({ id, type }) => !starts.has(type) && !type.endsWith("-config") && !reached.has(id));
    assert.deepEqual(lost, []);
  });

  it("names config nodes that it brings along, each used", () => {
    const named = checks
      .flatMap(({ store, network }) => [store, network])
      .filter((id) => id !== undefined && id !== "");
    for (const id of named) assert.match(byId.get(String(id))?.type ?? "missing", /-config$/);
    for (const { id, type } of nodes)
      if (type.endsWith("-config")) assert.ok(named.includes(id), `${type} is not used`);
  });

  it("explains itself, with curl lines that promise a 200 and a refusal", () => {
    const statuses = ofType("comment").flatMap(({ info }) => promisedLines(String(info)).map(({ status }) => status));
    assert.ok(statuses.includes(200), "no 200");
    assert.ok(
      statuses.some((status) => status === 401 || status === 403),
      "no refusal",
    );
  });

  it("has buttons that show a 200 and a refusal, each call on its way to the debug sidebar", () => {
    const buttons = ofType("inject");
    assert.ok(buttons.some(({ name }) => /^200/.test(String(name))));
    assert.ok(buttons.some(({ name }) => /^40[13]/.test(String(name))));
    for (const button of buttons) {
      const types: string[] = [];
      for (let at = byId.get(button.wires[0]![0]!); at; at = byId.get(at.wires?.[0]?.[0] ?? "")) types.push(at.type);
      assert.deepEqual(
        types,
        types[0] === "key-manage" ? ["key-manage", "debug"] : ["function", "http request", "debug"],
      );
    }
  });

  it("is laid out on the grid, without overlaps", () => {
    const placed = boxes(nodes);
    assert.deepEqual(
      placed.filter(({ x, y }) => x % 10 !== 0 || y % 20 !== 0),
      [],
    );
    const overlaps = (a: Box, b: Box) => a !== b && Math.abs(a.y - b.y) < 40 && Math.abs(a.x - b.x) < 120;
    assert.deepEqual(
      placed.filter((a) => placed.some((b) => overlaps(a, b))),
      [],
    );
  });

  it("keeps each node inside its group", () => {
    const placed = boxes(nodes).filter(({ node }) => node.type !== "comment");
    const outside = placed.filter(({ node, x, y }) => !isInside(x, y, byId.get(node.g ?? "")));
    assert.deepEqual(outside, []);
  });
}

function isInside(x: number, y: number, group: Wired | undefined): boolean {
  if (!group) return false;
  const [left, top, width, height] = [group.x, group.y, group.w, group.h].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return x > left && x < left + width && y > top && y < top + height;
}

describe("all examples imported at once, each with its own store node", function () {
  this.timeout(90_000);
  let nodeRed: NodeRed;

  before(async () => {
    nodeRed = await startNodeRed({ flows: names.flatMap(read), env: { GATEHOUSE_EXAMPLE_FIXED_KEY: "" } });
  });
  after(() => nodeRed?.stop());

  it("start, and let nobody in as long as the store is empty", async () => {
    const endpoints = names.flatMap(read).filter(({ type }) => type === "http in");
    const guarded = endpoints.filter(({ wires }) =>
      names.flatMap(read).some(({ id, type }) => id === wires[0]![0] && /-check$/.test(type)),
    );
    assert.ok(guarded.length >= 10);
    for (const { method, url } of guarded) {
      const headers = { "x-auth-token": "abc123", authorization: "Basic VGVzdDpQYXNzMTIzNCE=" };
      const answer = await fetch(`${nodeRed.url}${url}`, { method: String(method).toUpperCase(), headers });
      assert.ok([400, 401].includes(answer.status), `${method} ${url} was answered ${answer.status}`);
    }
  });
});
