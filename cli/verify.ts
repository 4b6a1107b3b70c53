import type { KeyObject } from "node:crypto";
import { failureThrottle } from "../lib/failure-throttle.ts";
import { type Keyring, keyring } from "../lib/keyring.ts";
import { publicKey, publicUser } from "../lib/lifecycle/views.ts";
import { passwords } from "../lib/passwords.ts";
import type { Proof } from "../lib/proof.ts";
import type { KeyRecord, UserRecord } from "../lib/records.ts";
import { hashQueue } from "../lib/secrets/hash-queue.ts";
import { successCache } from "../lib/secrets/success-cache.ts";
import type { Store } from "../lib/store.ts";
import type { Call, Command, ExitCode } from "./command.ts";

/** Says whether a key or password would be taken; `masterKey` is asked for only then. */
export function verifyCommand(masterKey: () => KeyObject | undefined): Command {
  return {
    name: "verify",
    summary: "say whether a key is accepted, or why it is not; - reads it from the standard input",
    operands: ["KEY"],
    options: { user: { type: "string", value: "NAME", help: "it is the password of this user" } },
    notes: [
      "With - the key stays out of the shell's history and the list of processes.",
      "Its addresses, scopes and environment are judged by the checks of a flow, and not here.",
    ].join("\n"),
    async run(call) {
      const [operand = ""] = call.operands;
      const user = call.given.text("user");
      const secret = operand === "-" ? await call.terminal.secret(user === undefined ? "Key" : "Password") : operand;
      const keys = keyringOf(call.store, call.prefix, masterKey());
      const source = () => "command line";
      const proof = await (user === undefined
        ? keys.proveToken(secret, source)
        : keys.provePassword(user, secret, source));
      return tell(call, proof);
    },
  };
}

function keyringOf(store: Store, prefix: string, masterKey: KeyObject | undefined): Keyring {
  // An old hash is replaced by the checks, not by looking at it.
  const shared = { store: { ...store, put: async () => false }, throttle: failureThrottle(), now: Date.now };
  const proving = passwords({ ...shared, queue: hashQueue(), cache: successCache(), onFault: () => undefined });
  return keyring({ ...shared, prefix, masterKey, passwords: proving });
}

type AnyProof = Proof<KeyRecord | UserRecord>;

function tell(call: Call, proof: AnyProof): ExitCode {
  return proof.record ? tellAccepted(call, proof.record) : tellRefused(call, proof);
}

function tellRefused({ terminal, json }: Call, { reason, id }: Extract<AnyProof, { record?: never }>): ExitCode {
  if (json) terminal.result(JSON.stringify({ accepted: false, reason, id }));
  else terminal.result(`refused: ${reason}${id === undefined ? "" : ` (${id})`}`);
  return 1;
}

function tellAccepted({ terminal, json, prefix, context }: Call, record: KeyRecord | UserRecord): ExitCode {
  const shown = "secrets" in record ? publicKey(record, prefix, context.now) : publicUser(record, context.now);
  if (json) terminal.result(JSON.stringify({ accepted: true, ...shown }));
  else terminal.result(`accepted: ${shown.id}, ${shown.environment}, scopes ${shown.scopes.join(" ") || "none"}`);
  return 0;
}
