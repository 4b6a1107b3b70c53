import { randomFillSync } from "node:crypto";

const BATCH = 256;
const TICKET_BYTES = 16;
const random = Buffer.alloc(BATCH * TICKET_BYTES);
const ready: string[] = [];

/** 128 random bits as text. Made by the batch: drawn one by one, they would cost more than many a check. */
export function newTicket(): string {
  if (ready.length === 0) makeBatch();
  return ready.pop() as string;
}

function makeBatch(): void {
  randomFillSync(random);
  for (let start = 0; start < random.length; start += TICKET_BYTES) {
    ready.push(random.toString("base64url", start, start + TICKET_BYTES));
  }
  random.fill(0);
}
