import assert from "node:assert/strict";
import { ConfigError, OverloadError, StoreError } from "../../lib/errors.ts";

describe("errors", () => {
  it("say by name and code what broke, and keep the cause", () => {
    const cause = new Error("ECONNREFUSED");
    const error = new StoreError("unreachable", "The store is away.", { cause });
    assert.equal(error.name, "StoreError");
    assert.equal(error.code, "unreachable");
    assert.equal(error.cause, cause);
    assert.equal(new ConfigError("realm", "The realm is empty.").option, "realm");
    assert.equal(new OverloadError("The queue is full.", 5).retryAfterSeconds, 5);
  });
});
