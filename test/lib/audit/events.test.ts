import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import fc from "fast-check";
import { changeEvent } from "../../../lib/audit/change.ts";
import { type DecidingCheck, decisionEntry } from "../../../lib/audit/decision.ts";
import type { AuditEvent } from "../../../lib/audit/event.ts";
import { auditLine } from "../../../lib/audit/line.ts";
import { escapeText, pathOf, pseudonym, pseudonymKey } from "../../../lib/audit/text.ts";
import type { Rejected, Verdict } from "../../../lib/check.ts";
import { clientAddress } from "../../../lib/net/client-address.ts";
import { compileRanges } from "../../../lib/net/ip-range.ts";
import { facts } from "../../support/records.ts";

const key = createSecretKey(Buffer.alloc(32, 1));
const at = Date.UTC(2026, 0, 2, 3, 4, 5);
const refused: Rejected = { accepted: false, status: 401, reason: "unknown", challenges: [], carriers: [] };

describe("text in the audit trail", () => {
  it("shows what is plain as it is", () => {
    for (const text of ["", "alice", "Jürgen 日本 😀", '"}{', "<b>x</b>", "a\\b"]) assert.equal(escapeText(text), text);
  });

  it("escapes controls, bidirectional formatting, line separators and lone surrogates", () => {
    assert.equal(escapeText("\u001b[31m\r\n"), "\\u001b[31m\\u000d\\u000a");
    assert.equal(escapeText("a\u202eb\u2028\u2029\u0085"), "a\\u202eb\\u2028\\u2029\\u0085");
    assert.equal(escapeText("\ud800"), "\\ud800");
    assert.equal(escapeText("\u{e0001}"), "\\u{e0001}");
  });

  it("cuts at its limit, and through no character", () => {
    assert.equal(escapeText("x".repeat(256)), "x".repeat(256));
    assert.equal(escapeText("x".repeat(257)), `${"x".repeat(255)}…`);
    assert.equal(escapeText("😀".repeat(5), 4), "😀…");
    assert.equal(escapeText(`abc\u0000${"x".repeat(9)}`, 8), "abc…");
  });

  it("has no unsafe character and no more than 256, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (text) => {
        const shown = escapeText(text);
        assert.ok(shown.length <= 256);
        assert.doesNotMatch(shown, /[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it("gives a name one pseudonym under a key, and another under another", () => {
    assert.equal(pseudonym("alice", key), pseudonym("alice", key));
    assert.notEqual(pseudonym("alice", key), pseudonym("bob", key));
    assert.match(pseudonym("alice", key), /^hmac:[\w-]{22}$/);
    assert.equal(pseudonym("alice", pseudonymKey(key)), pseudonym("alice", pseudonymKey(key)));
    assert.notEqual(pseudonym("alice", pseudonymKey(undefined)), pseudonym("alice", pseudonymKey(undefined)));
    assert.notEqual(pseudonym("alice", pseudonymKey(key)), pseudonym("alice", key));
  });

  it("takes query, fragment and authority off a target", () => {
    assert.equal(pathOf("/a/b?token=secret"), "/a/b");
    assert.equal(pathOf("/a#secret"), "/a");
    assert.equal(pathOf("http://user:secret@host:80/a?b"), "/a");
    assert.equal(pathOf("http://user:secret@host"), "/");
    assert.equal(pathOf("/a/http://x/b"), "/a/http://x/b");
  });
});

const trusted = clientAddress({ trusted: compileRanges(["127.0.0.0/8"]), header: "x-forwarded-for" });
const check: DecidingCheck = {
  node: "n1",
  nodeType: "basic-auth-check",
  nodeName: "",
  flow: "f1",
  store: "s1",
  clientAddress: trusted,
  pseudonymKey: () => key,
};

describe("the event of a decision", () => {
  const decide = (verdict: Verdict, more: Partial<Parameters<typeof decisionEntry>[0]> = {}) =>
    decisionEntry({ at, facts: facts({}, { peer: "10.0.0.1" }), verdict, observed: false, ...more }, check);

  it("tells who was let in, when, where and from where", () => {
    const principal = { kind: "user", id: "alice", name: "alice", environment: "production", scopes: [] } as const;
    const { event, source } = decide({ accepted: true, principal, carriers: [] });
    assert.deepEqual(event, {
      time: "2026-01-02T03:04:05.000Z",
      event: "access.accepted",
      result: "accepted",
      node: "n1",
      nodeType: "basic-auth-check",
      flow: "f1",
      store: "s1",
      actorKind: "user",
      actor: "alice",
      address: "10.0.0.1",
      addressFrom: "socket",
      method: "GET",
      path: "/",
    });
    assert.equal(source, "10.0.0.1");
    assert.equal(decide({ accepted: true, carriers: [] }).event.actor, undefined);
  });

  it("tells why somebody was refused, with a pseudonym for a name that nobody has", () => {
    const { event } = decide({ ...refused, attempted: "correct horse battery staple", detail: "no such\nuser" });
    assert.equal(event.event, "access.rejected");
    assert.equal(event.reason, "unknown");
    assert.equal(event.status, 401);
    assert.equal(event.detail, "no such\\u000auser");
    assert.equal(event.attempted, pseudonym("correct horse battery staple", key));
    assert.equal(JSON.stringify(event).includes("horse"), false);
  });

  it("names a key or user that exists", () => {
    const { event } = decide({ ...refused, principalId: "alice", attempted: "alice" });
    assert.equal(event.actor, "alice");
    assert.equal(event.attempted, undefined);
  });

  it("calls a refusal observed that was let through", () => {
    assert.equal(decide(refused, { observed: true }).event.event, "access.observed");
  });

  it("tells how the address was found, and counts IPv6 by its /64", () => {
    const from = (peer: string | undefined, forwarded: string) =>
      decide(refused, { facts: facts({ "x-forwarded-for": forwarded }, { peer }) });
    const behind = from("127.0.0.1", "2001:db8::1");
    assert.deepEqual(
      [behind.event.address, behind.event.addressFrom, behind.event.hops, behind.event.peer, behind.source],
      ["2001:db8::1", "header", 1, "127.0.0.1", "2001:db8::/64"],
    );
    const forged = from("10.0.0.9", "6.6.6.6");
    assert.equal(forged.event.address, "10.0.0.9");
    assert.equal(JSON.stringify(forged).includes("6.6.6.6"), false);
    const odd = from("127.0.0.1", "nonsense");
    assert.deepEqual(
      [odd.event.address, odd.event.addressFrom, odd.event.peer, odd.source],
      [undefined, "header-malformed", "127.0.0.1", "127.0.0.1"],
    );
    assert.deepEqual([from(undefined, "").event.addressFrom, from(undefined, "").source], ["no-peer", "unknown"]);
  });

  it("has no address and path where there was no request", () => {
    const { event, source } = decide(refused, { facts: undefined });
    assert.deepEqual([event.address, event.path, source], [undefined, undefined, "unknown"]);
  });

  it("leaves out the store of a check that has none, and shows its name", () => {
    const { store: _, ...others } = check;
    const named = { ...others, store: undefined, nodeName: "door\u0007" };
    const { event } = decisionEntry({ at, facts: undefined, verdict: refused, observed: false }, named);
    assert.equal("store" in event, false);
    assert.equal(event.nodeName, "door\\u0007");
  });
});

describe("the event of a change", () => {
  it("tells actor, object and result", () => {
    const from = trusted(facts({}, { peer: "10.0.0.1" }));
    const about = {
      store: "s1",
      object: "k1",
      version: 2,
      members: ["scopes\n"],
      method: "PATCH",
      path: "/x\n",
      status: 200,
    };
    const event = changeEvent({
      at,
      event: "key.update",
      result: "changed",
      actorKind: "editor",
      actor: "ad\u0000min",
      from,
      ...about,
    });
    assert.deepEqual(event, {
      time: "2026-01-02T03:04:05.000Z",
      event: "key.update",
      result: "changed",
      actorKind: "editor",
      actor: "ad\\u0000min",
      address: "10.0.0.1",
      addressFrom: "socket",
      object: "k1",
      members: ["scopes\\u000a"],
      method: "PATCH",
      path: "/x\\u000a",
      store: "s1",
      version: 2,
      status: 200,
    });
  });

  it("holds nothing that is not known", () => {
    const event = changeEvent({
      at,
      event: "export",
      result: "changed",
      actorKind: "node",
      actor: "n",
      from: undefined,
    });
    assert.deepEqual(Object.keys(event), ["time", "event", "result", "actorKind", "actor"]);
  });
});

describe("a line of the audit trail", () => {
  const event: AuditEvent = { time: "2026-01-02T03:04:05.000Z", event: "access.rejected", result: "rejected" };

  it("is the event as JSON", () => {
    assert.deepEqual(JSON.parse(auditLine({ ...event, path: "/" })), { ...event, path: "/" });
  });

  it("is cut until it fits, with time and chain whole", () => {
    const prev = "f".repeat(64);
    const long = { ...event, prev, path: "日".repeat(256), detail: "日".repeat(256), nodeName: "日".repeat(256) };
    const line = auditLine({ ...long, status: 401, members: ["日".repeat(200)], reasons: { unknown: 3 } });
    assert.ok(Buffer.byteLength(line) <= 2047);
    const parsed = JSON.parse(line);
    assert.deepEqual([parsed.prev, parsed.time, parsed.cut, parsed.status], [prev, event.time, true, 401]);
    assert.deepEqual(parsed.reasons, { unknown: 3 });
    assert.equal(parsed.members.length, 1);
  });

  it("is left with the main words when nothing else helps", () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`member${i}`, "x".repeat(50)]));
    assert.deepEqual(JSON.parse(auditLine({ ...many, ...event })), { ...event, cut: true });
  });

  it("keeps to its limit, whatever comes", () => {
    const text = fc.string({ unit: "binary", maxLength: 300 }).map((each) => escapeText(each));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), (texts) => {
        const members = Object.fromEntries(texts.map((each, i) => [`m${i}`, each]));
        const line = auditLine({ ...event, ...members });
        assert.ok(Buffer.byteLength(line) < 2048);
        assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
        assert.equal(JSON.parse(line).event, "access.rejected");
      }),
    );
  });
});
