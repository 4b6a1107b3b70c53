import assert from "node:assert/strict";
import { newTicket } from "../../../nodes/shared/ticket.ts";

describe("newTicket", () => {
  it("gives 128 bits that were never given before", () => {
    const tickets = Array.from({ length: 2000 }, newTicket);
    assert.equal(new Set(tickets).size, tickets.length);
    for (const ticket of tickets) assert.equal(Buffer.from(ticket, "base64url").length, 16);
  });

  it("favours no bit", () => {
    const bytes = Buffer.concat(Array.from({ length: 2000 }, () => Buffer.from(newTicket(), "base64url")));
    for (let bit = 0; bit < 128; bit++) {
      const index = bit >> 3;
      const ones = Array.from({ length: 2000 }, (_, i) => ((bytes[i * 16 + index] as number) >> (bit & 7)) & 1);
      const sum = ones.reduce((total, one) => total + one);
      // Seven standard deviations: once in about 10^9 runs.
      assert.ok(Math.abs(sum - 1000) < 7 * Math.sqrt(500), `bit ${bit}: ${sum} of 2000`);
    }
  });
});
