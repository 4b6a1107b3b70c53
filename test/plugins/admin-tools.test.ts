import assert from "node:assert/strict";
import { createSecretKey, randomBytes } from "node:crypto";
import { StoreError } from "../../lib/errors.ts";
import { digestApiKey, parseApiKey } from "../../lib/secrets/api-key.ts";
import { digestImportedToken } from "../../lib/secrets/imported-token.ts";
import { verifyPassword } from "../../lib/secrets/password-hash.ts";
import { type AdminServer, adminServer } from "./admin-server.ts";

describe("admin API: what the dialogs ask for", () => {
  let server: AdminServer;
  before(async () => {
    server = await adminServer();
  });
  after(() => server.stop());

  it("lists the stores that are deployed, and what keeps one from working", async () => {
    const { json } = await server.ask("GET", "/stores", { user: "ro" });
    const states = json.items.map(({ id, state, fault }: Record<string, string>) => [id, state, fault]);
    assert.deepEqual(states, [
      ["s1", "ready", undefined],
      ["fixed", "ready", undefined],
      ["broken", "fault", "no folder is named"],
    ]);
    assert.ok(!JSON.stringify(json).includes("masterKey"));
  });

  it("explains a list line by line", async () => {
    const text = "10.0.0.0/8 # office\nnonsense\n\n192.168.1.1/24\n2001:db8::/32";
    const { json } = await server.ask("POST", "/ranges", { user: "ro", body: { text } });
    assert.equal(json.ok, false);
    assert.match(json.problems[0], /^line 2: /);
    const [office, nonsense, empty, host, v6] = json.lines;
    assert.deepEqual([office.canonical, office.count, office.comment], ["10.0.0.0/8", "16777216", "office"]);
    assert.deepEqual([nonsense.line, typeof nonsense.problem], [2, "string"]);
    assert.deepEqual(empty, { line: 3, text: "", comment: "" });
    assert.deepEqual([host.canonical, host.warning], ["192.168.1.0/24", "host-bits"]);
    assert.equal(v6.spans[0].first, "2001:db8::");
  });

  it("refuses everything in a list where that is asked for", async () => {
    const body = { text: "0.0.0.0/0" };
    assert.equal((await server.ask("POST", "/ranges", { body })).json.ok, true);
    assert.equal((await server.ask("POST", "/ranges", { body: { ...body, refuseEverything: true } })).json.ok, false);
  });

  it("makes a key for a slot", async () => {
    const body = { type: "key", prefix: "acme", environment: "sandbox" };
    const { status, json } = await server.ask("POST", "/entries", { body });
    assert.equal(status, 200);
    assert.deepEqual(parseApiKey(json.secret, "acme"), { id: json.id, environment: "sandbox" });
    assert.deepEqual(JSON.parse(json.slot), { digest: digestApiKey(json.secret), lastFour: json.secret.slice(-4) });
    const unfit = await server.ask("POST", "/entries", { body: { ...body, prefix: "NO" } });
    assert.deepEqual([unfit.status, unfit.json.errors[0].pointer], [422, "/prefix"]);
  });

  it("digests a token for a slot, under the store's master key or the one given", async () => {
    const bytes = randomBytes(32);
    const body = { type: "token", token: "abc123", id: "made-up" };
    const given = await server.ask("POST", "/entries", { body: { ...body, masterKey: bytes.toString("base64url") } });
    assert.equal(JSON.parse(given.json.slot).digest, digestImportedToken("abc123", createSecretKey(bytes)));
    assert.match(given.json.warning, /short/);
    const ofStore = await server.ask("POST", "/entries", {
      body: { ...body, store: "s1", token: randomBytes(32).toString("hex") },
    });
    assert.equal(ofStore.status, 200);
    assert.equal(ofStore.json.warning, undefined);
    assert.equal((await server.ask("POST", "/entries", { body })).json.errors[0].pointer, "/masterKey");
    assert.equal(
      (await server.ask("POST", "/entries", { body: { ...body, store: "s1", token: "a b" } })).json.errors[0].pointer,
      "/token",
    );
  });

  it("hashes a password for a slot", async () => {
    const body = { type: "user", name: "kate", password: "a-long-password-1" };
    const { json } = await server.ask("POST", "/entries", { body });
    assert.ok((await verifyPassword(json.slot, "a-long-password-1")).match);
    const weak = await server.ask("POST", "/entries", { body: { ...body, password: "password" } });
    assert.equal(weak.json.errors[0].pointer, "/password");
    assert.equal((await server.ask("POST", "/entries", { body: { type: "other" } })).json.errors[0].pointer, "/type");
  });

  it("says that a store is away, and that something unforeseen went wrong, without its words", async () => {
    const store = server.stores.get("s1")!;
    const get = store.get;
    const failWith = (error: Error) =>
      Object.assign(store, {
        get: () => {
          throw error;
        },
      });
    failWith(new StoreError("unreachable", "The store is away."));
    const away = await server.ask("GET", "/stores/s1/keys/abc");
    assert.deepEqual([away.status, away.headers["retry-after"], away.json.detail], [503, "5", "The store is away."]);
    failWith(new Error("inner words"));
    const wrong = await server.ask("GET", "/stores/s1/keys/abc");
    assert.equal(wrong.status, 500);
    assert.ok(!wrong.text.includes("inner words"));
    assert.match(server.errors.at(-1)!, /inner words/);
    Object.assign(store, { get });
  });
});
