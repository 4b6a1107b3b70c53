import type { Check } from "../../lib/check.ts";
import type { CheckCounts } from "./check-counts.ts";
import type { ResolveAddress } from "./config-nodes.ts";

/** What a rehearsed decision looked at, in words and values that hold no secret. */
export interface RehearsalStep {
  readonly step: string;
  readonly [member: string]: unknown;
}

export type NoteStep = (step: RehearsalStep) => void;

/** A check that is deployed, as the admin API sees it. */
export interface DeployedCheck {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly flow: string;
  readonly observe: boolean;
  readonly counts: () => CheckCounts;
  readonly clientAddress: ResolveAddress;
  /** Where a key goes that is tried out, as names and values of fields; undefined where the check takes none. */
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
