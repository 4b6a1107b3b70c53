import assert from "node:assert/strict";
import fc from "fast-check";
import type { RequestFacts } from "../../../lib/check.ts";
import { parseAddress } from "../../../lib/net/address.ts";
import { type ClientAddressOptions, clientAddress } from "../../../lib/net/client-address.ts";
import { compileRanges } from "../../../lib/net/ip-range.ts";
import { ipv4Text } from "./arbitraries.ts";

const TRUSTED = compileRanges(["10.0.0.0/8"]);

function facts(peer: string | undefined, ...rawHeaders: string[]): RequestFacts {
  return { method: "GET", target: "/", rawHeaders, peer };
}

function find(request: RequestFacts, options: Partial<ClientAddressOptions> = {}): string {
  const client = clientAddress({ trusted: TRUSTED, header: "X-Forwarded-For", ...options })(request);
  return client.address === undefined ? client.reason : client.text;
}

describe("clientAddress", () => {
  it("takes the socket's address and reads no header when nobody is trusted", () => {
    const request = facts("::ffff:10.0.0.1", "X-Forwarded-For", "1.2.3.4");
    for (const trusted of [undefined, compileRanges([])]) {
      assert.deepEqual(clientAddress({ trusted, header: "x-forwarded-for" })(request), {
        address: parseAddress("10.0.0.1"),
        text: "10.0.0.1",
        via: "socket",
        hops: 0,
        peer: "10.0.0.1",
      });
    }
  });

  it("takes the socket's address when it is not trusted, whatever the header says", () => {
    fc.assert(
      fc.property(ipv4Text, fc.string(), (claimed, junk) => {
        const request = facts("203.0.113.9", "X-Forwarded-For", claimed, "X-Forwarded-For", junk);
        assert.equal(find(request), "203.0.113.9");
      }),
    );
  });

  it("walks from the right to the first address that is not trusted", () => {
    const request = facts("10.0.0.1", "X-Forwarded-For", "10.6.6.6, 1.2.3.4", "x-forwarded-for", "8.8.8.8:99,10.0.0.3");
    assert.deepEqual(clientAddress({ trusted: TRUSTED, header: "x-forwarded-for" })(request), {
      address: parseAddress("8.8.8.8"),
      text: "8.8.8.8",
      via: "header",
      hops: 2,
      peer: "10.0.0.1",
    });
  });

  it("is not moved by anything that a stranger writes in front", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(ipv4Text, { maxLength: 5 }), (junk, claimed) => {
        const written = [junk, ...claimed].join(", ");
        assert.equal(find(facts("10.0.0.1", "X-Forwarded-For", `${written}, 203.0.113.9, 10.0.0.2`)), "203.0.113.9");
        assert.equal(
          find(facts("10.0.0.1", "X-Forwarded-For", written, "X-Forwarded-For", "203.0.113.9")),
          "203.0.113.9",
        );
      }),
    );
  });

  it("knows no address without a peer", () => {
    for (const peer of [undefined, "", "nonsense"]) {
      assert.equal(find(facts(peer, "X-Forwarded-For", "8.8.8.8")), "no-peer");
      assert.equal(find(facts(peer), { trusted: undefined }), "no-peer");
    }
  });

  it("refuses a trusted proxy without the header, unless its own requests are wanted", () => {
    for (const headers of [[], ["X-Forwarded-For", " , "], ["X-Real-IP", "8.8.8.8"], ["Forwarded", "for=8.8.8.8"]]) {
      assert.equal(find(facts("10.0.0.1", ...headers)), "header-missing");
      assert.equal(find(facts("10.0.0.1", ...headers), { trustedWithoutHeader: "peer" }), "10.0.0.1");
    }
  });

  it("refuses a chain of trusted proxies only, unless the left-most is wanted", () => {
    const request = facts("10.0.0.1", "X-Forwarded-For", "10.0.0.3, 10.0.0.2");
    assert.equal(find(request), "all-trusted");
    assert.equal(find(request, { allTrusted: "left-most" }), "10.0.0.3");
  });

  it("refuses when it meets an entry that is no address, and says which", () => {
    const client = clientAddress({ trusted: TRUSTED, header: "x-forwarded-for" })(
      facts("10.0.0.1", "X-Forwarded-For", `8.8.8.8, ${"x".repeat(500)}, 10.0.0.2`),
    );
    assert.deepEqual(client, {
      address: undefined,
      reason: "header-malformed",
      peer: "10.0.0.1",
      entry: "x".repeat(64),
    });
    assert.equal(find(facts("10.0.0.1", "X-Forwarded-For", "garbage, 8.8.8.8")), "8.8.8.8");
  });

  it("walks 32 hops and no more", () => {
    const chain = (length: number) => ["8.8.8.8", ...new Array(length).fill("10.0.0.2")].join(",");
    assert.equal(find(facts("10.0.0.1", "X-Forwarded-For", chain(31))), "8.8.8.8");
    assert.equal(find(facts("10.0.0.1", "X-Forwarded-For", chain(32))), "too-many-hops");
    assert.equal(find(facts("10.0.0.1", "X-Forwarded-For", chain(99)), { allTrusted: "left-most" }), "too-many-hops");
    const forwarded = new Array(40).fill("for=10.0.0.2").join(",");
    assert.equal(find(facts("10.0.0.1", "Forwarded", forwarded), { header: "forwarded" }), "too-many-hops");
  });

  it("refuses a header of more than 8 KiB, and a request with 1000 fields or more", () => {
    const long = `${" ".repeat(8200)}8.8.8.8`;
    assert.equal(find(facts("10.0.0.1", "X-Forwarded-For", long)), "header-malformed");
    const fields = ["X-Forwarded-For", "8.8.8.8", ...new Array(999).fill(["a", "b"]).flat()];
    assert.equal(find(facts("10.0.0.1", ...fields)), "too-many-headers");
    assert.equal(find(facts("10.0.0.1", ...fields.slice(2))), "header-missing");
  });

  it("reads Forwarded as a whole, strictly", () => {
    const header = "Forwarded";
    const read = (value: string) => find(facts("10.0.0.1", "Forwarded", value), { header });
    assert.equal(read('for=1.2.3.4, for="[2001:db8::9]:4711";proto=https, for=10.0.0.3'), "2001:db8::9");
    assert.equal(read("for=[::1], for=8.8.8.8"), "header-malformed");
    assert.equal(read("for=8.8.8.8, for=unknown"), "header-malformed");
    assert.equal(read("for=8.8.8.8, proto=https"), "header-malformed");
    assert.equal(read('for="2001:db8::9"'), "header-malformed");
  });

  it("takes exactly one address from a header of another name", () => {
    const header = "X-Real-IP";
    assert.equal(find(facts("10.0.0.1", "x-real-ip", " 8.8.8.8 "), { header }), "8.8.8.8");
    assert.equal(
      find(facts("10.0.0.1", "x-real-ip", "8.8.8.8", "X-Real-IP", "9.9.9.9"), { header }),
      "header-malformed",
    );
    assert.equal(find(facts("10.0.0.1", "x-real-ip", "8.8.8.8, 9.9.9.9"), { header }), "header-malformed");
    assert.equal(find(facts("10.0.0.1", "x-real-ip", "10.0.0.9"), { header }), "all-trusted");
    assert.equal(find(facts("9.9.9.9", "x-real-ip", "8.8.8.8"), { header }), "9.9.9.9");
  });

  it("takes the entry at a fixed place from the right, where hops are set", () => {
    const request = facts("192.0.2.1", "X-Forwarded-For", "1.1.1.1, 2.2.2.2, x");
    const at = (hops: number, trusted?: ClientAddressOptions["trusted"]) => find(request, { trusted, hops });
    assert.deepEqual(
      [1, 2, 3, 4].map((hops) => at(hops)),
      ["header-malformed", "2.2.2.2", "1.1.1.1", "header-missing"],
    );
    assert.equal(at(2, TRUSTED), "192.0.2.1");
    assert.equal(at(2, compileRanges(["192.0.2.1"])), "2.2.2.2");
    assert.equal(
      find(facts("192.0.2.1"), { trusted: undefined, hops: 1, trustedWithoutHeader: "peer" }),
      "header-missing",
    );
  });

  it("refuses options that cannot work", () => {
    for (const header of ["", "a b", "x:y"]) assert.throws(() => find(facts("::1"), { header }), { option: "header" });
    for (const hops of [0, 33, 1.5, Number.NaN]) assert.throws(() => find(facts("::1"), { hops }), { option: "hops" });
  });

  it("never throws, whatever the request holds", () => {
    const value = fc.oneof(fc.string(), ipv4Text, fc.constantFrom("for=8.8.8.8", "unknown", ",,", 'for="', "[::1]:x"));
    const peer = fc.constantFrom("10.0.0.1", "::1", undefined, "x");
    fc.assert(
      fc.property(
        peer,
        fc.array(value),
        fc.constantFrom("forwarded", "x-forwarded-for", "x-real-ip"),
        (from, values, header) => {
          const headers = values.flatMap((each) => [header, each]);
          assert.ok(find(facts(from, ...headers), { header }).length > 0);
        },
      ),
    );
  });
});
