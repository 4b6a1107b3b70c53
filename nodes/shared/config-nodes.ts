import type { KeyObject } from "node:crypto";
import type { Node, NodeAPI } from "node-red";
import type { RequestFacts } from "../../lib/check.ts";
import { ConfigError } from "../../lib/errors.ts";
import type { FailureThrottle } from "../../lib/failure-throttle.ts";
import type { Keyring } from "../../lib/keyring.ts";
import { type ClientAddress, clientAddress } from "../../lib/net/client-address.ts";
import type { NoteStep } from "../../lib/rehearsal.ts";
import type { Backend, Store } from "../../lib/store.ts";

/** What a key-store-config node offers to checks and to the admin API. */
export interface KeyStoreHandle {
  readonly id: string;
  readonly name: string;
  readonly backend: Backend;
  readonly prefix: string;
  /** Absent where nobody gave one; then no token can be imported. */
  readonly masterKey: KeyObject | undefined;
  /** All absent when the configuration cannot work; `fault` says why. */
  readonly store: Store | undefined;
  readonly keyring: Keyring | undefined;
  /** Counts who guesses. */
  readonly throttle: FailureThrottle | undefined;
  readonly fault: string | undefined;
  /** The file that the store's audit trail goes to; absent where it has none. */
  readonly audit?: StoreAudit | undefined;
  /** A keyring that tells what it looks up, and that counts and changes nothing: for requests that are thought up. */
  readonly rehearsal?: ((note: NoteStep) => Keyring) | undefined;
}

export interface StoreAudit {
  /** "No audit, no access": the store's checks let nobody in while lines cannot be written. */
  readonly required: boolean;
  isWritable(): boolean;
}

export interface KeyStoreNode extends Node {
  readonly handle: KeyStoreHandle;
}

export type ResolveAddress = (facts: RequestFacts) => ClientAddress;

/** What a network-config node offers to checks. */
export interface NetworkNode extends Node {
  /** Absent when the configuration cannot work; `fault` says why. */
  readonly clientAddress: ResolveAddress | undefined;
  readonly fault: string | undefined;
}

/** A key store that can be used. */
export type ReadyHandle = KeyStoreHandle & {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly throttle: FailureThrottle;
};

/** The store that a node names. Throws a `ConfigError` when it is not there or cannot work. */
export function storeHandleOf(RED: NodeAPI, id: string): ReadyHandle {
  if (!id) throw new ConfigError("store", "no key store chosen");
  const handle = (RED.nodes.getNode(id) as KeyStoreNode | null)?.handle;
  if (!handle) throw new ConfigError("store", "key store missing or disabled");
  const { store, keyring, throttle } = handle;
  if (!store || !keyring || !throttle) throw new ConfigError("store", handle.fault ?? "key store cannot work");
  return { ...handle, store, keyring, throttle };
}

/** The keyring of the store that a check names. Throws as `storeHandleOf`. */
export function keyringOf(RED: NodeAPI, id: string): Keyring {
  return storeHandleOf(RED, id).keyring;
}

/** As `keyringOf`, for requests that are only thought up. */
export function rehearsalKeyringOf(RED: NodeAPI, id: string, note: NoteStep): Keyring {
  const { rehearsal } = storeHandleOf(RED, id);
  if (!rehearsal) throw new ConfigError("store", "nothing can be tried out on this key store");
  return rehearsal(note);
}

export const socketAddress: ResolveAddress = clientAddress({
  trusted: undefined,
  header: "x-forwarded-for",
  trustedWithoutHeader: "refuse",
  allTrusted: "refuse",
});

/** How a check finds the caller's address; by the socket alone where no network is chosen. Throws a `ConfigError`. */
export function addressResolverOf(RED: NodeAPI, id: string): ResolveAddress {
  if (!id) return socketAddress;
  const node = RED.nodes.getNode(id) as NetworkNode | null;
  if (!node || !("clientAddress" in node)) throw new ConfigError("network", "network missing or disabled");
  if (!node.clientAddress) throw new ConfigError("network", node.fault ?? "network cannot work");
  return node.clientAddress;
}
