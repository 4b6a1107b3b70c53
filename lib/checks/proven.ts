import type { Accepted, Carrier, Reason, Rejected, RequestFacts, Verdict } from "../check.ts";
import { type Judgement, principalOf, type Refusal } from "../conditions.ts";
import type { Proof } from "../proof.ts";
import type { KeyRecord, UserRecord } from "../records.ts";

type Recorded = KeyRecord | UserRecord;

export interface Challenges {
  /** When no credential was sent. */
  readonly missing: readonly string[];
  /** When one was sent and not accepted: the same whatever was wrong with it. */
  readonly refused: readonly string[];
  /** When the caller is known but lacks a scope. */
  readonly scopeMissing: readonly string[];
}

interface ProvenContext {
  readonly judge: (record: Recorded, facts: RequestFacts) => Judgement;
  readonly challenges: Challenges;
  readonly carriers: readonly Carrier[];
}

/** From a proof to a verdict: the state was judged with the proof, the conditions are judged here. */
export function provenVerdict(
  proof: Proof<Recorded>,
  facts: RequestFacts,
  { judge, challenges, carriers }: ProvenContext,
): Verdict {
  if (!proof.record) {
    const { waitMs, reason, id, attempted } = proof;
    const rejected =
      waitMs === undefined ? unauthorized(reason, challenges.refused, carriers, id) : tooMany(waitMs, carriers);
    return attempted === undefined ? rejected : { ...rejected, attempted };
  }
  const { refusal, address } = judge(proof.record, facts);
  const from = address === undefined ? undefined : { address };
  if (refusal) {
    const wanted = refusal.missingScope === undefined ? [] : challenges.scopeMissing;
    return { ...forbidden(refusal, wanted, carriers), principalId: proof.record.id, ...from };
  }
  const accepted: Accepted = { accepted: true, principal: principalOf(proof.record), carriers };
  return from ? { ...accepted, ...from } : accepted;
}

export function unauthorized(
  reason: Reason,
  challenges: readonly string[],
  carriers: readonly Carrier[],
  principalId?: string,
): Rejected {
  const rejected: Rejected = { accepted: false, status: 401, reason, challenges, carriers };
  return principalId === undefined ? rejected : { ...rejected, principalId };
}

function tooMany(waitMs: number, carriers: readonly Carrier[]): Rejected {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return { accepted: false, status: 429, reason: "too-many-failures", challenges: [], carriers, retryAfterSeconds };
}

/** A credential sent twice is refused even when both are the same: another party may read the other one (R5). */
export function repeated(carriers: readonly Carrier[]): Rejected {
  return { accepted: false, status: 400, reason: "repeated-credentials", challenges: [], carriers };
}

function forbidden(refusal: Refusal, challenges: readonly string[], carriers: readonly Carrier[]): Rejected {
  return { accepted: false, status: 403, reason: refusal.reason, detail: refusal.detail, challenges, carriers };
}
