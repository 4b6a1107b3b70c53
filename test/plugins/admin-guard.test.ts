import assert from "node:assert/strict";
import { type AdminServer, type Ask, adminServer } from "./admin-server.ts";

const keys = "/stores/s1/keys";
const body = { name: "x" };

describe("admin API: guard", () => {
  let server: AdminServer;
  before(async () => {
    server = await adminServer();
  });
  after(() => server.stop());

  it("asks for a permission that fits, on every path", async () => {
    const asked: readonly (readonly [string, string, Ask, number])[] = [
      ["GET", keys, { user: null }, 401],
      ["POST", keys, { user: null, body }, 401],
      ["GET", "/stores", { user: null }, 401],
      ["POST", "/ranges", { user: null, body: { text: "" } }, 401],
      ["POST", "/entries", { user: "ro", body: {} }, 401],
      ["POST", keys, { user: "ro", body }, 401],
      ["DELETE", `${keys}/K1`, { user: "ro" }, 401],
      ["PUT", "/stores/s1/users/alice/password", { user: "ro", body: {} }, 401],
      ["POST", "/stores/s1/import/htpasswd", { user: "rw", body: { text: "" } }, 401],
      ["GET", keys, { user: "ro" }, 200],
      ["POST", keys, { user: "rw", body }, 201],
    ];
    for (const [method, path, options, status] of asked) {
      const answer = await server.ask(method, path, options);
      assert.equal(answer.status, status, `${method} ${path} ${options.user}`);
      assert.equal(answer.headers["cache-control"], "no-store");
      assert.equal(answer.headers["x-content-type-options"], "nosniff");
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
    }
  });

  it("refuses pages of other origins, and takes its own", async () => {
    const asked: readonly (readonly [Record<string, string>, number])[] = [
      [{ origin: "https://evil.example" }, 403],
      [{ origin: "null" }, 403],
      [{ origin: "http://api.example.evil.example" }, 403],
      [{ origin: "http://api.example:81" }, 403],
      [{ "sec-fetch-site": "cross-site" }, 403],
      [{ "sec-fetch-site": "same-site" }, 403],
      [{ origin: "http://api.example" }, 201],
      [{ origin: "https://api.example", "sec-fetch-site": "same-origin" }, 201],
    ];
    for (const [headers, status] of asked) {
      const answer = await server.ask("POST", keys, { body, headers: { host: "api.example", ...headers } });
      assert.equal(answer.status, status, JSON.stringify(headers));
    }
  });

  it("takes no access token from the query, on any path", async () => {
    for (const path of [`${keys}?access_token=admin`, `${keys}?a=b&access%5Ftoken=`, "/nothing?access_token=x"]) {
      assert.equal((await server.ask("GET", path, { user: null })).status, 400, path);
    }
  });

  it("takes JSON only, of bearable size", async () => {
    const types = [
      "multipart/form-data; boundary=x",
      "text/json",
      "text/plain",
      "application/json-seq",
      "application/jsonx",
    ];
    for (const type of types) {
      const answer = await server.ask("POST", keys, { body, headers: { "content-type": type } });
      assert.equal(answer.status, 415, type);
    }
    assert.equal((await server.ask("POST", keys)).status, 415);
    const long = { name: "x", description: "y".repeat(70_000) };
    assert.equal((await server.ask("POST", keys, { body: long })).status, 413);
    assert.equal((await server.ask("POST", keys, { body: `{"name":"x"${" ".repeat(70_000)}}` })).status, 413);
    assert.equal((await server.ask("POST", keys, { body: [] })).status, 400);
  });

  it("knows its own paths in one spelling, and no override of the method", async () => {
    const headers = { "x-http-method-override": "DELETE" };
    const overridden = await server.ask("POST", `${keys}/K1`, { body: { _method: "DELETE" }, headers });
    assert.equal(overridden.status, 405);
    assert.equal(overridden.headers.allow, "GET, DELETE, PATCH");
    for (const path of [
      "/stores/s1/static/..%2f..%2fsettings.js",
      "/stores/s1/audit",
      "//stores",
      "/stores/",
      "/STORES",
      "/",
    ]) {
      assert.equal((await server.ask("DELETE", path)).status, 404, path);
    }
    const answer = await server.ask("HEAD", "/stores");
    assert.equal(answer.status, 200);
    assert.equal(answer.text, "");
  });
});

describe("admin API: without adminAuth", () => {
  it("takes loopback callers with a loopback host only", async () => {
    const server = await adminServer({});
    const asked: readonly (readonly [Record<string, string>, number])[] = [
      [{ host: "localhost:1880" }, 200],
      [{ host: "127.0.0.1" }, 200],
      [{ host: "[::1]:1880" }, 200],
      [{ host: "evil.example" }, 403],
      [{ host: "127.0.0.1.evil.example" }, 403],
      [{ host: "localhost.evil.example:1880" }, 403],
      [{ host: "localhost", "x-forwarded-for": "203.0.113.7" }, 403],
    ];
    for (const [headers, status] of asked) {
      const answer = await server.ask("GET", keys, { user: null, headers });
      assert.equal(answer.status, status, JSON.stringify(headers));
    }
    await server.stop();
  });

  it("takes anybody when settings.js says so, but no page of another origin", async () => {
    const server = await adminServer({ gatehouse: { allowOpenAdmin: true } });
    const headers = { host: "node-red.example" };
    assert.equal((await server.ask("POST", keys, { user: null, body, headers })).status, 201);
    const foreign = { ...headers, origin: "https://evil.example" };
    assert.equal((await server.ask("POST", keys, { user: null, body, headers: foreign })).status, 403);
    await server.stop();
  });

  it("takes the origins that settings.js names", async () => {
    const server = await adminServer({ adminAuth: {}, gatehouse: { adminOrigins: ["https://nodes.example"] } });
    const headers = { host: "127.0.0.1:1880", origin: "https://nodes.example" };
    assert.equal((await server.ask("POST", keys, { body, headers })).status, 201);
    await server.stop();
  });
});
