import { randomFillSync } from "node:crypto";

const TICKET_BYTES = 16;

/** Random bytes for the next tickets: drawn by the hundred, as each draw costs more than a ticket. */
const pool = Buffer.alloc(256 * TICKET_BYTES);
let next = pool.length;

/** 128 random bits as text. */
export function newTicket(): string {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  const start = next;
  next += TICKET_BYTES;
  return pool.toString("base64url", start, next);
}
