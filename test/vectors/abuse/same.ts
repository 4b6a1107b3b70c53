import { type CaseContext, sendRequest } from "./context.ts";
import { comparable } from "./expect.ts";
import { Unsupported } from "./placeholders.ts";
import type { AbuseCase, CaseRequest } from "./types.ts";

/** Credentials by what the cases call them; all of these must be refused in the same words. */
const keys: readonly (readonly [RegExp, string])[] = [
  [/^expired key$/, "{{key:K3expired}}"],
  [/^(not yet valid|future|not-yet-valid) key$/, "{{key:K3future}}"],
  [/^revoked key$/, "{{key:K4revoked}}"],
  [/^disabled key$/, "{{key:K4disabled}}"],
  [/^(unknown|forged|random|never issued) key$/, "{{forgedkey:validChecksum}}"],
  [/^wrong (key|secret)$/, "{{forgedkey:sharePrefix:5}}"],
  [/^(rotated|old) key$/, "{{key:K8old}}"],
];

const users: readonly (readonly [RegExp, string])[] = [
  [/^unknown user$/, "nobody-{{uuid}}:wrong"],
  [/^(wrong password|existing user with wrong password)$/, "alice:wrong-{{uuid}}"],
  [/^disabled user$/, "dave:dave-password-1"],
  [/^expired user$/, "erin:erin-password-1"],
];

/** Whether the case's answer is the same as the one that it names, but for what must differ. */
export async function judgeSame(
  context: CaseContext,
  name: string,
  cases: ReadonlyMap<string, AbuseCase>,
): Promise<readonly string[]> {
  const { request } = context.one;
  if (!request) throw new Unsupported("sameResponseAs without a request");
  const other = cases.get(name)?.request ?? withCredential(request, name);
  const [one, two] = [await sendRequest(context, request, {}), await sendRequest(context, other, {})];
  const [mine, others] = [comparable(one.responses[0]), comparable(two.responses[0])];
  return mine === others ? [] : [`not the same as ${name}:\n${mine}\n--\n${others}`];
}

function withCredential(request: CaseRequest, name: string): CaseRequest {
  const key = keys.find(([pattern]) => pattern.test(name))?.[1];
  const user = users.find(([pattern]) => pattern.test(name))?.[1];
  const credential = key ?? (user && `Basic ${Buffer.from(user).toString("base64")}`);
  if (credential === undefined) throw new Unsupported(`sameResponseAs "${name}"`);
  const headers = (request.headers ?? []).map(([header, value]): [string, string] => {
    if (key && /\{\{(key|forgedkey|splice|masked)/.test(value)) {
      return [header, value.replace(/\{\{(key|forgedkey|splice|masked)[^}]*\}\}/, key)];
    }
    return !key && /^authorization$/i.test(header) ? [header, credential] : [header, value];
  });
  return { ...request, headers };
}
