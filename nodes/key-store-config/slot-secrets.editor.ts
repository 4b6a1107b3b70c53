import { ENTRY_SLOTS } from "./config.ts";

type Credentials = Record<string, string | boolean | undefined>;

/** The secrets of the entries while the dialog is open: nothing reaches the node before the dialog is confirmed. */
export interface SlotSecrets {
  has(slot: number): boolean;
  /** `text` is what the credential will hold: a hash, or `${NAME}`. */
  set(slot: number, text: string): void;
  clear(slot: number): void;
  /** What a request needs to have a token hashed: the deployed store that has a master key, or else the new one. */
  masterKey(): { readonly store: string; readonly masterKey?: string };
  /** Writes what has changed into the node's credentials. Slots that no entry uses are emptied. */
  commit(used: readonly number[]): void;
}

const KEY_BYTES = 32;

/** Secrets of the node whose dialog opens, with a master key for a node that has none. */
export function slotSecrets(node: { readonly id: string; credentials?: Credentials }): SlotSecrets {
  node.credentials ??= {};
  const stored = node.credentials;
  const changed = new Map<number, string>();
  const hasKey = stored.has_masterKey === true || hasText(stored.masterKey);
  const newKey = hasKey ? undefined : randomKey();
  const localKey = hasText(stored.masterKey) ? String(stored.masterKey) : newKey;
  const isStored = (slot: number) => stored[`has_secret${slot}`] === true || hasText(stored[`secret${slot}`]);
  return {
    has: (slot) => (changed.has(slot) ? changed.get(slot) !== "" : isStored(slot)),
    set: (slot, text) => void changed.set(slot, text),
    clear: (slot) => void changed.set(slot, ""),
    masterKey: () => ({ store: node.id, ...(localKey !== undefined && { masterKey: localKey }) }),
    commit(used) {
      if (newKey !== undefined) write(stored, "masterKey", newKey);
      const unused = Array.from({ length: ENTRY_SLOTS }, (_, slot) => slot).filter((slot) => !used.includes(slot));
      for (const slot of unused) changed.set(slot, "");
      for (const [slot, text] of changed) if (text !== "" || isStored(slot)) write(stored, `secret${slot}`, text);
    },
  };
}

function write(credentials: Credentials, name: string, text: string): void {
  credentials[name] = text;
  credentials[`has_${name}`] = text !== "";
}

/** The editor puts `__PWRD__` where it knows only that there is a password. */
function hasText(value: string | boolean | undefined): boolean {
  return typeof value === "string" && value !== "" && value !== "__PWRD__";
}

function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
