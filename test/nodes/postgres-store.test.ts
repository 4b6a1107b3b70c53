import assert from "node:assert/strict";
import { createKey } from "../../lib/lifecycle/keys.ts";
import type { Store } from "../../lib/store.ts";
import { openStore } from "../../stores/open.ts";
import { type NodeRed, startNodeRed } from "../harness/node-red.ts";
import { describePostgres, until } from "../stores/postgres-kit.ts";
import { httpIn, keyStore, response, tab, tokenCheck } from "../support/flow.ts";

const { record, secret } = createKey({ name: "a key" }, "gh", { now: Date.now(), actor: "test" });

describePostgres("a key store in PostgreSQL, in a flow", (server) => {
  let store: Store;
  let nodeRed: NodeRed;
  const call = async (path = "guarded") =>
    (await fetch(`${nodeRed.url}/${path}`, { headers: { "x-auth-token": secret } })).status;
  const logged = (text: string) => nodeRed.log().split(text).length - 1;

  before(async function () {
    this.timeout(60_000);
    const { user: username, password } = server();
    const settings = { backend: "postgres", url: server().url(), schema: "apis" } as const;
    store = openStore({ ...settings, username, password, now: Date.now });
    assert.equal(await store.put("key", record), true);
    nodeRed = await startNodeRed({
      flows: [
        tab,
        response,
        httpIn("in", "/guarded", "check"),
        tokenCheck("check", "response", ["response"]),
        httpIn("in-wrong", "/wrong", "check-wrong"),
        tokenCheck("check-wrong", "response", ["response"], { store: "wrong" }),
        keyStore("", { ...settings, tls: "", staleSeconds: 0 }),
        keyStore("", { ...settings, id: "wrong", name: "another" }),
      ],
      credentials: {
        store: { connectionUser: username, connectionPassword: `\${KEYS_PASSWORD}` },
        wrong: { connectionUser: username, connectionPassword: "not the password" },
      },
      env: { KEYS_PASSWORD: password },
    });
  });
  after(async () => {
    await nodeRed.stop();
    await store.close();
  });

  it("lets a key in, with a password from the environment", async () => {
    assert.equal(await call(), 200);
  });

  it("answers 503 where the password is wrong, and says why without it", async () => {
    assert.equal(await call("wrong"), 503);
    assert.equal(nodeRed.log().match(/password authentication failed.*Nobody is let in/g)?.length, 1);
    assert.doesNotMatch(nodeRed.log(), /not the password|a password for tests|postgres:\/\//);
  });

  it("answers 503 while the server is away, says so once, and recovers by itself", async () => {
    const before = logged("Nobody is let in.");
    await server().kill();
    await until(async () => (await call()) !== 200, 1_000);
    for (let calls = 0; calls < 20; calls += 1) assert.equal(await call(), 503);
    assert.equal(logged("Nobody is let in."), before + 1);
    await server().start();
    await until(async () => (await call()) === 200, 6_000);
    assert.equal(logged("The key store is back."), 1);
  });

  it("refuses a key within a second after a person revoked it by SQL", async () => {
    assert.equal(await call(), 200);
    await server().sql("UPDATE apis.keys SET revoked_at = now()");
    await until(async () => (await call()) === 401, 1_000);
    await assert.rejects(server().sql("UPDATE apis.keys SET revoked_at = NULL"), /stays revoked/);
    assert.equal(await call(), 401);
  });
});
