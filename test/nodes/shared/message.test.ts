import assert from "node:assert/strict";
import type { Principal } from "../../../lib/check.ts";
import { type FlowMessage, writeAccepted } from "../../../nodes/shared/message.ts";
import type { Passage } from "../../../nodes/shared/request-record.ts";

const principal: Principal = {
  kind: "key",
  id: "1",
  name: "one",
  environment: "production",
  scopes: ["read"],
  metadata: { customer: "7" },
  expiresAt: 0,
};

const passage: Passage = {
  ticket: "ticket",
  principal,
  address: "192.0.2.1",
  acceptedBy: ["ip-allowlist", "basic-auth-check"],
  refusals: undefined,
};

interface Auth {
  methods: string[];
  scopes: string[];
  metadata: Record<string, string>;
}

describe("writeAccepted", () => {
  it("tells who was let in, and by what", () => {
    const msg: FlowMessage = { auth: "forged" };
    writeAccepted(msg, passage, { accepted: true, carriers: [] });
    assert.deepEqual(msg, {
      _gatehouse: "ticket",
      auth: {
        method: "basic-auth-check",
        methods: ["ip-allowlist", "basic-auth-check"],
        ...principal,
        expiresAt: "1970-01-01T00:00:00.000Z",
        address: "192.0.2.1",
      },
    });
  });

  it("gives copies, so that a flow changes neither the record nor what later nodes go by", () => {
    const msg: FlowMessage = {};
    writeAccepted(msg, passage, { accepted: true, carriers: [] });
    const auth = msg.auth as Auth;
    auth.methods.push("forged");
    auth.scopes.push("admin");
    auth.metadata.customer = "8";
    assert.deepEqual(passage.acceptedBy, ["ip-allowlist", "basic-auth-check"]);
    assert.deepEqual(principal.scopes, ["read"]);
    assert.deepEqual(principal.metadata, { customer: "7" });
  });
});
