import assert from "node:assert/strict";
import { type AdminServer, adminServer } from "./admin-server.ts";

describe("admin API: unlock", () => {
  let server: AdminServer;
  before(async () => {
    server = await adminServer();
  });
  after(() => server.stop());

  const failOften = (store: string) => {
    const throttle = server.throttles.get(store)!;
    for (let i = 0; i < 40; i++) throttle.failed("192.0.2.7", "kate", Date.now());
    return {
      ofAddress: () => throttle.addressWaitMs("192.0.2.7", Date.now()) > 0,
      ofUser: () => throttle.identityWaitMs("192.0.2.7", "kate", Date.now()) > 0,
    };
  };

  it("lets an address or a user try again, of a store whose entries are typed in the dialog as well", async () => {
    for (const store of ["s1", "fixed"]) {
      const waits = failOften(store);
      const byUser = await server.ask("POST", `/stores/${store}/unlock`, { body: { user: "kate" }, user: "rw" });
      assert.deepEqual([byUser.status, byUser.json], [200, { unlocked: { user: "kate" } }]);
      assert.deepEqual([waits.ofUser(), waits.ofAddress()], [false, true]);
      const byAddress = await server.ask("POST", `/stores/${store}/unlock`, { body: { address: "192.0.2.7" } });
      assert.deepEqual([byAddress.status, byAddress.json], [200, { unlocked: { address: "192.0.2.7" } }]);
      assert.equal(waits.ofAddress(), false);
    }
  });

  it("is no matter for those who may only read, and takes one of the two", async () => {
    const waits = failOften("s1");
    assert.equal((await server.ask("POST", "/stores/s1/unlock", { body: { user: "kate" }, user: "ro" })).status, 401);
    for (const body of [{}, { user: "kate", address: "192.0.2.7" }, { address: "everybody" }]) {
      assert.equal((await server.ask("POST", "/stores/s1/unlock", { body })).status, 422);
    }
    assert.ok(waits.ofUser());
    assert.equal((await server.ask("POST", "/stores/broken/unlock", { body: { user: "kate" } })).status, 503);
  });

  it("is written to the audit trail", async () => {
    server.audit.length = 0;
    await server.ask("POST", "/stores/s1/unlock", { body: { address: "2001:db8::7" } });
    const [line] = server.audit;
    assert.deepEqual([line?.event, line?.id, line?.actor], ["gatehouse.unlock", "2001:db8::/64", "admin"]);
  });
});
