import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get as httpGet, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRateLimit, parseRateLimitPolicy } from "../../lib/http/rate-limit-parser.ts";
import { type NodeRed, startNodeRed } from "../harness/node-red.ts";
import { fn, httpIn, keyStore, rateLimit, response, tab, tokenCheck } from "../support/flow.ts";
import { seedStore } from "../support/seed.ts";

const slow = (requests: unknown) => [{ requests, per: 1, unit: "hour", burst: "" }];
const fromQuery = "msg.count = Number(msg.payload.count); msg.tenant = msg.payload.tenant; return msg;";

const flows = [
  tab,
  response,
  fn("show", "msg.payload = { auth: msg.auth, payload: msg.payload }; return msg;", "response"),
  httpIn("in-rate", "/rate", "rate"),
  rateLimit("rate", "show", ["response"]),
  httpIn("in-rate2", "/rate2", "rate2"),
  rateLimit("rate2", "show", ["response"]),
  httpIn("in-both", "/both", "both"),
  rateLimit("both", "show", ["response"], {
    limits: [{ requests: 3, per: 1, unit: "minute", burst: "" }, ...slow(1000)],
  }),
  httpIn("in-shared-1", "/shared/1", "shared-1"),
  rateLimit("shared-1", "show", ["response"], { sharedName: "pool" }),
  httpIn("in-shared-2", "/shared/2", "shared-2"),
  rateLimit("shared-2", "show", ["response"], { sharedName: "pool" }),
  httpIn("in-unwired", "/unwired", "unwired"),
  rateLimit("unwired", "show", []),
  httpIn("in-key", "/key", "key-token"),
  tokenCheck("key-token", "key-rate", ["response"]),
  rateLimit("key-rate", "show", ["response"], { countBy: "principal", ownLimit: true, limits: slow(4) }),
  httpIn("in-no-key", "/no-key", "no-key"),
  rateLimit("no-key", "show", ["response"], { countBy: "principal" }),
  httpIn("in-forged", "/forged", "forger"),
  fn("forger", "msg.auth = {kind: 'key', id: 'forged'}; msg._gatehouse = 'forged'; return msg;", "no-key"),
  httpIn("in-tenant", "/tenant", "tenant-set"),
  fn("tenant-set", fromQuery, "tenant"),
  rateLimit("tenant", "show", ["response"], {
    countBy: "property",
    property: "tenant",
    cost: "count",
    costType: "msg",
  }),
  httpIn("in-older", "/older", "older"),
  rateLimit("older", "show", ["response"], { olderFields: true }),
  httpIn("in-day", "/day", "day"),
  rateLimit("day", "show", ["response"], {
    limits: [{ requests: 2, per: 1, unit: "calendar-day", burst: "" }],
    timeZone: "Pacific/Kiritimati",
  }),
  httpIn("in-observe", "/observe", "observe"),
  rateLimit("observe", "show", ["response"], { observe: true, limits: slow(1) }),
  httpIn("in-or", "/or", "or-token"),
  tokenCheck("or-token", "show", ["or-rate"]),
  rateLimit("or-rate", "show", ["response"], { limits: slow(1) }),
  httpIn("in-store", "/store", "in-store-rate"),
  rateLimit("in-store-rate", "show", ["response"], { store: "store", limits: slow(20) }),
  httpIn("in-store-many", "/store-many", "store-many"),
  rateLimit("store-many", "show", ["response"], {
    store: "store",
    limits: [...slow(1000), { requests: 10, per: 1, unit: "minute", burst: "" }],
  }),
  httpIn("in-away", "/away", "away"),
  rateLimit("away", "show", ["response"], { store: "broken" }),
  httpIn("in-away-local", "/away-local", "away-local"),
  rateLimit("away-local", "show", ["response"], { store: "broken", whenAway: "local" }),
  ...["NaN", "", "5; DROP", 2.5, -1, 0, "0x5", " 5", null].flatMap((requests, i) => [
    httpIn(`in-wrong-${i}`, `/wrong/${i}`, `wrong-${i}`),
    rateLimit(`wrong-${i}`, "show", ["response"], { limits: slow(requests) }),
  ]),
  ...[
    { cost: "x" },
    { countBy: "" },
    { countBy: "property", property: " " },
    { limits: [] },
    { limits: undefined },
    { limits: [{ requests: 1, per: 1, unit: "week", burst: "" }] },
  ].flatMap((more, i) => [
    httpIn(`in-odd-${i}`, `/wrong/odd-${i}`, `odd-${i}`),
    rateLimit(`odd-${i}`, "show", ["response"], more),
  ]),
];

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function request(url: string, headers: Record<string, string> = {}, localAddress = "127.0.0.1"): Promise<Answer> {
  return new Promise((done, failed) => {
    const sent = httpGet(url, { headers, localAddress, agent: false, timeout: 10_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => done({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.on("error", failed);
  });
}

describe("api-rate-limit in a flow", function () {
  this.timeout(90_000);
  let folder: string;
  let one: NodeRed;
  let other: NodeRed;
  let keys: ReadonlyMap<string, string>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-limits-"));
    keys = await seedStore(folder, {
      keys: [{ name: "plain" }, { name: "other" }, { name: "limited", limit: { requests: 2, windowMs: 3_600_000 } }],
    });
    writeFileSync(join(folder, "no-folder"), "");
    const stores = [keyStore(folder), { ...keyStore(join(folder, "no-folder")), id: "broken" }];
    [one, other] = await Promise.all([
      startNodeRed({ flows: [...flows, ...stores] }),
      startNodeRed({ flows: [...flows, ...stores] }),
    ]);
  });

  after(async () => {
    await Promise.all([one?.stop(), other?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const get = (path: string, headers?: Record<string, string>, from?: string) => request(one.url + path, headers, from);

  async function statuses(
    times: number,
    path: string,
    headers?: Record<string, string>,
    from?: string,
  ): Promise<number[]> {
    const seen: number[] = [];
    for (let i = 0; i < times; i++) seen.push((await get(path, headers, from)).status);
    return seen;
  }

  it("lets as many through as it says and answers the rest with a finished 429", async () => {
    assert.deepEqual(await statuses(5, "/rate"), [200, 200, 200, 200, 200]);
    const { status, headers, text } = await get("/rate");
    assert.equal(status, 429);
    assert.match(headers["retry-after"] ?? "", /^([1-9]|1[0-2])$/);
    assert.match(headers["content-type"] ?? "", /^application\/problem\+json\b/);
    assert.equal(JSON.parse(text).status, 429);
    assert.doesNotMatch(text, /127\.0\.0\.1|limit/);
  });

  it("counts each address, whatever a header says, and each node for itself", async () => {
    for (let i = 0; i < 6; i++) {
      const { status } = await get("/rate", { "x-forwarded-for": `203.0.113.${i}` }, "127.0.0.20");
      assert.equal(status, i < 5 ? 200 : 429);
    }
    assert.deepEqual(await statuses(1, "/rate2", {}, "127.0.0.20"), [200]);
  });

  it("counts several nodes together that share a name", async () => {
    assert.deepEqual(await statuses(3, "/shared/1"), [200, 200, 200]);
    assert.deepEqual(await statuses(3, "/shared/2"), [200, 200, 429]);
  });

  it("tells on accepted answers and on refusals what the limits are", async () => {
    const { headers } = await get("/both");
    assert.deepEqual(parseRateLimitPolicy(String(headers["ratelimit-policy"])), [
      { name: "3-in-60s", q: 3, w: 60 },
      { name: "1000-in-3600s", q: 1000, w: 3600 },
    ]);
    const left = parseRateLimit(String(headers.ratelimit));
    assert.deepEqual(left, [
      { name: "3-in-60s", r: 2, t: 20 },
      { name: "1000-in-3600s", r: 999, t: 4 },
    ]);
    await statuses(2, "/both");
    const refused = await get("/both");
    const [limit, ...others] = parseRateLimit(String(refused.headers.ratelimit)) ?? [];
    assert.deepEqual([limit?.name, limit?.r, others], ["3-in-60s", 0, []]);
    assert.ok(
      Number(refused.headers["retry-after"]) >= (limit?.t ?? 0) && Number(refused.headers["retry-after"]) <= 20,
    );
  });

  it("sends the older fields where they are wanted", async () => {
    const { headers } = await get("/older");
    assert.deepEqual([headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]], ["5", "4"]);
    assert.ok(Math.abs(Number(headers["x-ratelimit-reset"]) - Date.now() / 1000) < 60);
    assert.equal((await get("/rate2", {}, "127.0.0.30")).headers["x-ratelimit-limit"], undefined);
  });

  it("answers by itself where the second output leads nowhere", async () => {
    assert.deepEqual(await statuses(6, "/unwired"), [200, 200, 200, 200, 200, 429]);
  });

  it("counts keys by the check before it, each by its own limit if it has one", async () => {
    const by = (name: string) => ({ "x-auth-token": keys.get(name) ?? "" });
    assert.deepEqual(await statuses(5, "/key", by("plain")), [200, 200, 200, 200, 429]);
    assert.deepEqual(await statuses(1, "/key", by("plain"), "127.0.0.40"), [429]);
    assert.deepEqual(await statuses(1, "/key", by("other")), [200]);
    assert.deepEqual(await statuses(3, "/key", by("limited")), [200, 200, 429]);
    const { auth } = JSON.parse((await get("/key", by("other"))).text);
    assert.deepEqual([auth.name, auth.methods], ["other", ["x-auth-token-check", "api-rate-limit"]]);
  });

  it("believes no message that says who the caller is", async () => {
    assert.deepEqual(await statuses(1, "/no-key"), [403]);
    assert.deepEqual(await statuses(1, "/forged"), [403]);
  });

  it("takes what to count by and the cost from the message, and refuses what is neither", async () => {
    assert.deepEqual(await statuses(3, "/tenant?tenant=a&count=2"), [200, 200, 429]);
    assert.deepEqual(await statuses(1, "/tenant?tenant=b&count=5"), [200]);
    assert.deepEqual(await statuses(2, "/tenant?tenant=b&count=0"), [200, 200]);
    assert.deepEqual(await statuses(1, "/tenant?tenant=&count=1"), [403]);
    for (const count of ["-1", "1.5", "x", "1e9"])
      assert.deepEqual(await statuses(1, `/tenant?tenant=c&count=${count}`), [400], count);
  });

  it("counts a calendar day to its end", async () => {
    assert.deepEqual(await statuses(3, "/day"), [200, 200, 429]);
    const { headers } = await get("/day");
    // Kiritimati is 14 hours ahead of UTC.
    const sinceMidnight = (Date.now() / 1000 + 14 * 3600) % 86_400;
    assert.ok(Math.abs(Number(headers["retry-after"]) - (86_400 - sinceMidnight)) < 20);
  });

  it("lets through and says so while it only observes", async () => {
    await get("/observe");
    const { status, text } = await get("/observe");
    assert.equal(status, 200);
    assert.equal(JSON.parse(text).auth.observed.reason, "limit-reached");
  });

  it("answers 429 for a request that another check refused too, with that one's challenge", async () => {
    assert.deepEqual(await statuses(1, "/or"), [200]);
    const { status, headers } = await get("/or");
    assert.equal(status, 429);
    assert.equal(headers["www-authenticate"], 'ApiKey realm="api"');
    assert.ok(Number(headers["retry-after"]) > 3000);
    assert.ok(headers.ratelimit);
  });

  it("lets exactly as many of ten times as many at once through", async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => get("/rate2", {}, "127.0.0.50")));
    assert.equal(all.filter(({ status }) => status === 200).length, 5);
    assert.equal(all.filter(({ status }) => status === 429).length, 45);
  });

  for (const [path, limit] of [
    ["/store", 20],
    ["/store-many", 10],
  ] as const) {
    it(`lets exactly ${limit} of ${limit * 10} through that come at once to two processes with one store: ${path}`, async () => {
      const urls = Array.from({ length: limit * 10 }, (_, i) => (i % 2 === 0 ? one : other).url + path);
      const all = await Promise.all(urls.map((url) => request(url)));
      assert.equal(all.filter(({ status }) => status === 200).length, limit);
      assert.equal(all.filter(({ status }) => status === 429).length, limit * 9);
    });
  }

  it("lets nobody through while the store is away, or counts for itself where it may", async () => {
    assert.deepEqual(await statuses(2, "/away"), [503, 503]);
    assert.deepEqual(await statuses(6, "/away-local"), [200, 200, 200, 200, 200, 429]);
  });

  it("lets nobody through with a limit that is none, and says so in the log", async () => {
    for (const path of [...Array(9).keys(), ...[0, 1, 2, 3, 4, 5].map((i) => `odd-${i}`)]) {
      const { status, headers } = await get(`/wrong/${path}`);
      assert.equal(status, 503, String(path));
      assert.ok(Number(headers["retry-after"]) >= 1);
    }
    assert.match(one.log(), /"requests" takes a whole number, not "5; DROP"/);
    assert.match(one.log(), /"requests" takes a whole number, not "NaN"/);
  });
});
