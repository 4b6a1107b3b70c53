import { type ExplainedRequest, explainedRequest } from "../../lib/admin/explained.ts";
import { addressMembers } from "../../lib/audit/decision.ts";
import type { RequestFacts, Verdict } from "../../lib/check.ts";
import type { NoteStep, RehearsalStep } from "../../lib/rehearsal.ts";
import { type DeployedCheck, deployedCheck, deployedChecks } from "../../nodes/shared/deployed-checks.ts";
import { defectOf } from "../../nodes/shared/request-record.ts";
import { DECISION_LIMIT_MS, faultVerdict, within } from "../../nodes/shared/verdicts.ts";
import { invalid, problem, type Reply } from "./reply.ts";
import { type Call, head, plain, type Route, withBody } from "./route.ts";
import type { Services } from "./services.ts";

/** The checks that are deployed: what they decided, and what they would decide. */
export function checkRoutes({ audit }: Services): readonly Route[] {
  return [
    plain(head("GET /checks", "gatehouse.read"), () => ({ status: 200, body: { items: deployedChecks().map(shown) } })),
    withBody(head("POST /explain", "gatehouse.write"), explainedRequest, (call) => {
      const check = deployedCheck(call.body.node);
      if (!check) return problem(404, "No such check is deployed and started.");
      audit({ event: "gatehouse.explain", id: check.id }, call);
      return explain(check, call);
    }),
  ];
}

function shown({ id, type, name, flow, observe, counts }: DeployedCheck) {
  return { id, type, name, flow, observe, ...counts() };
}

async function explain(check: DeployedCheck, { body }: Call<ExplainedRequest>): Promise<Reply> {
  const { id, type, name, observe, rehearse } = check;
  if (!rehearse) return problem(409, "This check counts what it decides, so nothing can be tried out on it.");
  const credential = credentialOf(check, body);
  if (credential === "unfit") return invalid([{ pointer: "/key", detail: "is nothing that this check takes" }]);
  const facts = factsOf(body, credential);
  const steps: RehearsalStep[] = [];
  const note: NoteStep = (step) => void steps.push(step);
  note({ step: "request", method: facts.method, headers: namesOf(facts) });
  note({ step: "address", ...addressMembers(check.clientAddress(facts)) });
  const verdict = defectOf(facts) ?? (await decided(rehearse(note), facts));
  note({ step: "credentials", found: verdict.carriers });
  return { status: 200, body: { check: { id, type, name, observe }, steps, decision: decision(verdict) } };
}

async function decided(
  check: ReturnType<NonNullable<DeployedCheck["rehearse"]>>,
  facts: RequestFacts,
): Promise<Verdict> {
  try {
    return await within(Promise.resolve(check(facts)), DECISION_LIMIT_MS);
  } catch (error) {
    return faultVerdict(error);
  }
}

type Field = readonly [name: string, value: string];

function credentialOf(
  { present }: DeployedCheck,
  { key, user, password }: ExplainedRequest,
): Field | undefined | "unfit" {
  if (key === undefined && user === undefined) return undefined;
  const credential = key === undefined ? { user: user ?? "", password: password ?? "" } : { key };
  try {
    return present?.(credential) ?? "unfit";
  } catch {
    return "unfit";
  }
}

function factsOf(
  { method = "GET", path = "/", headers = [], address = "127.0.0.1" }: ExplainedRequest,
  more?: Field,
): RequestFacts {
  const fields = more ? [...headers, more] : headers;
  return { method, target: path, rawHeaders: fields.flat(), peer: address };
}

function namesOf({ rawHeaders }: RequestFacts): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 0);
}

/** Nothing that was sent is in it, but for what the check says of an address. */
function decision(verdict: Verdict) {
  if (!verdict.accepted) {
    const { reason, status, detail, principalId, address } = verdict;
    return { accepted: false, status, reason, detail, id: principalId, address };
  }
  const { principal, address } = verdict;
  if (!principal) return { accepted: true, address };
  const { kind, id, name, environment, scopes } = principal;
  return { accepted: true, principal: { kind, id, name, environment, scopes }, address };
}
