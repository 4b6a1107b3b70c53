import assert from "node:assert/strict";
import { parseHtpasswd } from "../../../lib/admin/htpasswd.ts";
import { versionOf } from "../../../lib/admin/if-match.ts";
import { listQuery } from "../../../lib/admin/query.ts";
import { parse } from "../../../lib/admin/reader.ts";
import { bodyRefusal, type GuardedRequest, type GuardOptions, guardRefusal } from "../../../lib/admin/request-guard.ts";

const options: GuardOptions = { hasAdminAuth: false, allowOpenAdmin: false, adminOrigins: [] };
const known = { ...options, hasAdminAuth: true };

function request(headers: Record<string, string | undefined> = {}, more: Partial<GuardedRequest> = {}): GuardedRequest {
  return {
    query: "",
    headers: { host: "localhost", ...headers },
    rawHeaders: [],
    peer: "127.0.0.1",
    encrypted: false,
    ...more,
  };
}

const status = (asked: GuardedRequest, by: GuardOptions = options) => guardRefusal(asked, by)?.status ?? 200;

describe("guardRefusal", () => {
  it("without adminAuth takes a loopback peer that names a loopback host", () => {
    for (const host of ["localhost", "LOCALHOST:1880", "127.0.0.1:1880", "127.8.9.1", "[::1]", "[::1]:1880"]) {
      assert.equal(status(request({ host })), 200, host);
    }
    for (const peer of ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"]) {
      assert.equal(status(request({}, { peer })), 200, peer);
    }
  });

  it("without adminAuth refuses everybody else", () => {
    const hosts = [
      "evil.example",
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "127.0.0.1x",
      "a@localhost",
      "[::2]",
      "",
    ];
    for (const host of hosts) assert.equal(status(request({ host })), 403, host);
    assert.equal(status(request({ host: undefined })), 403);
    const peers = ["192.0.2.1", "::ffff:192.0.2.1", "127.0.0.1.2", "127.evil", "fe80::1", "", undefined];
    for (const peer of peers) assert.equal(status(request({}, { peer })), 403, peer);
    for (const name of ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"]) {
      assert.equal(status(request({ [name]: "x" })), 403, name);
    }
  });

  it("asks nothing of this where adminAuth or the settings say who may", () => {
    const far = request({ host: "nodes.example" }, { peer: "192.0.2.1" });
    assert.equal(status(far, known), 200);
    assert.equal(status(far, { ...options, allowOpenAdmin: true }), 200);
  });

  it("takes the origin it is asked at, by TLS of its own or a proxy's, and those in the settings", () => {
    const at = (origin: string | undefined, encrypted = false, adminOrigins: readonly string[] = []) =>
      status(request({ host: "Nodes.example:1880", origin }, { encrypted }), { ...known, adminOrigins });
    assert.equal(at(undefined), 200);
    assert.equal(at("http://nodes.example:1880"), 200);
    assert.equal(at("https://nodes.example:1880"), 200);
    assert.equal(at("https://nodes.example:1880", true), 200);
    assert.equal(at("http://nodes.example:1880", true), 403);
    for (const origin of [
      "null",
      "",
      "http://nodes.example",
      "ftp://nodes.example:1880",
      "http://nodes.example:1880/",
    ]) {
      assert.equal(at(origin), 403, origin);
    }
    assert.equal(at("https://outside.example", false, ["https://outside.example"]), 200);
    assert.equal(status(request({ host: "", origin: "http://" }), known), 403);
    assert.equal(status(request({ host: undefined, origin: "http://undefined" }), known), 403);
    const two = { ...request(), headers: { host: "localhost", origin: ["http://localhost"] } };
    assert.equal(status(two, known), 403);
  });

  it("takes what a browser says comes from the same origin or from nobody", () => {
    for (const site of ["same-origin", "none"]) assert.equal(status(request({ "sec-fetch-site": site })), 200, site);
    for (const site of ["same-site", "cross-site", ""])
      assert.equal(status(request({ "sec-fetch-site": site })), 403, site);
  });

  it("refuses an access token in the query, and a repeated host", () => {
    for (const query of ["access_token=a", "a=b&access_token", "access%5ftoken=a"]) {
      assert.equal(status(request({}, { query }), known), 400, query);
    }
    assert.equal(status(request({}, { query: "a=access_token" }), known), 200);
    assert.equal(status(request({}, { rawHeaders: ["Host", "a", "hOST", "b"] }), known), 400);
    assert.equal(status(request({}, { rawHeaders: ["Host", "host"] }), known), 200);
  });
});

describe("bodyRefusal", () => {
  const refused = (headers: GuardedRequest["headers"], body: unknown = {}) => bodyRefusal(headers, body)?.status ?? 200;

  it("takes JSON and nothing like it", () => {
    for (const type of ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']) {
      assert.equal(refused({ "content-type": type }), 200, type);
    }
    const types = [
      "text/json",
      "application/jsonx",
      "application/json, text/plain",
      "application/json; charset=utf-7",
      "",
    ];
    for (const type of types) assert.equal(refused({ "content-type": type }), 415, type);
    assert.equal(refused({}), 415);
    assert.equal(refused({ "content-type": "application/json", "content-encoding": "gzip" }), 415);
  });

  it("takes objects of 64 KiB, by the length given and by the length there", () => {
    const type = { "content-type": "application/json" };
    assert.equal(refused(type, []), 400);
    assert.equal(refused({ ...type, "content-length": "65536" }), 200);
    assert.equal(refused({ ...type, "content-length": "65537" }), 413);
    assert.equal(refused({ ...type, "content-length": "2" }, { a: "x".repeat(65536) }), 413);
    assert.equal(refused(type, { a: "x".repeat(65000) }), 200);
  });
});

describe("versionOf", () => {
  it("reads one strong tag", () => {
    assert.equal(versionOf('"12"'), 12);
    assert.equal(versionOf(undefined), undefined);
    assert.equal(versionOf("*"), undefined);
    for (const text of ["12", '"0"', '"a"', 'W/"1"', '"1", "2"', '""', ['"1"']])
      assert.equal(versionOf(text), "malformed");
  });
});

describe("listQuery", () => {
  it("reads limit, after and search, with defaults", () => {
    assert.deepEqual(parse(listQuery, ""), { ok: true, value: { limit: 100 } });
    const read = parse(listQuery, "limit=1000&after=K1&search=a%20b&other=1");
    assert.deepEqual(read, { ok: true, value: { limit: 1000, after: "K1", search: "a b" } });
    const refused = [
      "limit=0",
      "limit=1001",
      "limit=1e2",
      "limit=",
      `after=${"x".repeat(256)}`,
      `search=${"x".repeat(256)}`,
    ];
    for (const query of refused) assert.equal(parse(listQuery, query).ok, false, query);
  });
});

describe("parseHtpasswd", () => {
  const hash = "$2y$10$2CXfUL26/intLCFhdaCqh.OxosjXbOUgp/xaGh4t7YqWDD9zukrC2";

  it("reads names and hashes, and skips comments and blank lines", () => {
    assert.deepEqual(parseHtpasswd(`# people\r\n\nkate:${hash}:since May\r\n`), [{ line: 3, name: "kate", hash }]);
  });

  it("refuses with the line, without the hash", () => {
    const lines = parseHtpasswd(`plain:secret\nno colon\n:${hash}\nkate:${hash}\nkate:${hash}\n__proto__:${hash}`);
    assert.deepEqual(
      lines.map(({ line, hash: taken }) => [line, taken !== undefined]),
      [
        [1, false],
        [2, false],
        [3, false],
        [4, true],
        [5, false],
        [6, false],
      ],
    );
    assert.ok(lines.every(({ problem }) => !problem?.includes("secret") && !problem?.includes("$2y")));
  });
});
