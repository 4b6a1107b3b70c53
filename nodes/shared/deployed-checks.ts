import type { Check } from "../../lib/check.ts";
import type { NoteStep } from "../../lib/rehearsal.ts";
import type { CheckCounts } from "./check-counts.ts";
import type { ResolveAddress } from "./config-nodes.ts";

export type Credential = { readonly key: string } | { readonly user: string; readonly password: string };

/** The header field that carries a credential to a check; undefined where the check takes no such credential. */
export type Present = (credential: Credential) => readonly [name: string, value: string] | undefined;

/** A check that is deployed, as the admin API sees it. */
export interface DeployedCheck {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly flow: string;
  readonly observe: boolean;
  readonly counts: () => CheckCounts;
  readonly clientAddress: ResolveAddress;
  readonly present: Present | undefined;
  /** Undefined where nothing can be tried out. */
  readonly rehearse: ((note: NoteStep) => Check) | undefined;
}

const deployed = new Map<string, DeployedCheck>();

/** Makes a check known until the returned function is called. */
export function announceCheck(check: DeployedCheck): () => void {
  deployed.set(check.id, check);
  return () => {
    if (deployed.get(check.id) === check) deployed.delete(check.id);
  };
}

export function deployedCheck(id: string): DeployedCheck | undefined {
  return deployed.get(id);
}

export function deployedChecks(): readonly DeployedCheck[] {
  return [...deployed.values()];
}
