import assert from "node:assert/strict";
import type { Rejected, RequestFacts, Verdict } from "../../../lib/check.ts";
import { type IpAllowlistOptions, ipAllowlist } from "../../../lib/checks/ip-allowlist.ts";
import { clientAddress } from "../../../lib/net/client-address.ts";
import { compileRanges } from "../../../lib/net/ip-range.ts";

const socket = clientAddress({ trusted: undefined, header: "x-forwarded-for" });
const proxied = clientAddress({ trusted: compileRanges(["10.0.0.1"]), header: "x-forwarded-for" });
const lan = compileRanges(["192.168.0.0/16"]);
const printer = compileRanges(["192.168.0.7"]);
const nobody = compileRanges([]);

function request(peer: string | undefined, ...rawHeaders: string[]): RequestFacts {
  return { method: "GET", target: "/", rawHeaders, peer };
}

function decide(options: Omit<IpAllowlistOptions, "clientAddress">, facts: RequestFacts, find = socket): Verdict {
  const verdict = ipAllowlist({ ...options, clientAddress: find })(facts);
  assert.ok(!(verdict instanceof Promise));
  return verdict;
}

function refused(options: Omit<IpAllowlistOptions, "clientAddress">, facts: RequestFacts, find = socket): Rejected {
  const verdict = decide(options, facts, find);
  assert.ok(!verdict.accepted);
  return verdict;
}

describe("ipAllowlist", () => {
  it("lets a listed address through, without a principal", () => {
    assert.deepEqual(decide({ allow: lan }, request("::ffff:192.168.0.9")), {
      accepted: true,
      address: "192.168.0.9",
      carriers: [],
    });
  });

  it("refuses an address that is not listed, and says which was judged", () => {
    assert.deepEqual(refused({ allow: lan }, request("8.8.8.8")), {
      accepted: false,
      status: 403,
      reason: "address-refused",
      challenges: [],
      address: "8.8.8.8",
      detail: "8.8.8.8 (the connection's own address): no allowed range contains it",
      carriers: [],
    });
  });

  it("says where behind a proxy the address was found", () => {
    const { address, detail } = refused(
      { allow: lan },
      request("10.0.0.1", "X-Forwarded-For", "192.168.0.9, 8.8.8.8"),
      proxied,
    );
    assert.equal(address, "8.8.8.8");
    assert.equal(
      detail,
      "8.8.8.8 (entry 1 from the right of the forwarding header; the connection came from 10.0.0.1): no allowed range contains it",
    );
  });

  it("lets an exception win", () => {
    const verdict = refused({ allow: lan, except: printer }, request("192.168.0.7"));
    assert.equal(verdict.reason, "address-refused");
    assert.match(String(verdict.detail), /an exception names it$/);
    assert.ok(decide({ allow: lan, except: printer }, request("192.168.0.8")).accepted);
  });

  it("refuses an unknown address, with the reason and the entry in JSON", () => {
    const facts = request("10.0.0.1", "X-Forwarded-For", "un\u007f\u0001known");
    assert.deepEqual(refused({ allow: compileRanges(["0.0.0.0/0", "::/0"]) }, facts, proxied), {
      accepted: false,
      status: 403,
      reason: "address-unknown",
      challenges: [],
      detail:
        'the forwarding header cannot be read: "un\u007f\\u0001known" is no address; the connection came from 10.0.0.1',
      carriers: [],
    });
    assert.equal(refused({ allow: lan }, request(undefined)).detail, "the connection has no address (any more)");
    assert.equal(
      refused({ allow: lan }, request("10.0.0.1"), proxied).detail,
      "a trusted proxy sent no forwarding header; the connection came from 10.0.0.1",
    );
  });

  it("denies everybody by an empty list", () => {
    for (const except of [{}, { except: nobody }]) {
      assert.equal(refused({ allow: nobody, ...except }, request("127.0.0.1")).reason, "address-refused");
    }
  });

  it("lets all but the exceptions through where only exceptions are given", () => {
    assert.ok(decide({ allow: nobody, except: printer }, request("8.8.8.8")).accepted);
    assert.ok(!decide({ allow: nobody, except: printer }, request("192.168.0.7")).accepted);
  });

  it("stays shut when a loaded list comes out empty", () => {
    assert.ok(!decide({ allow: () => nobody, except: printer }, request("8.8.8.8")).accepted);
    assert.ok(!decide({ allow: nobody, except: () => nobody }, request("8.8.8.8")).accepted);
  });

  it("asks for the list at each request", () => {
    let list = nobody;
    const check = ipAllowlist({ allow: () => list, clientAddress: socket });
    assert.equal((check(request("192.168.0.9")) as Verdict).accepted, false);
    list = lan;
    assert.equal((check(request("192.168.0.9")) as Verdict).accepted, true);
  });

  it("answers 503 while a list is not loaded", () => {
    for (const options of [{ allow: () => undefined }, { allow: lan, except: () => undefined }]) {
      const verdict = refused(options, request("192.168.0.9"));
      assert.deepEqual([verdict.status, verdict.reason, verdict.retryAfterSeconds], [503, "misconfigured", 5]);
    }
  });
});
