import { type CaseContext, sendRequest } from "./context.ts";
import { judgeExchange } from "./expect.ts";
import { Unsupported } from "./placeholders.ts";
import { keyPrefix } from "./seed.ts";
import type { AbuseCase, CaseRequest } from "./types.ts";
import type { Variant } from "./world.ts";

/** What a case of the admin API wants of the server's settings. */
export function adminVariant({ config = {} }: AbuseCase): Variant {
  const known = new Set(["adminAuth", "adminAuthDefault"]);
  const unknown = Object.keys(config).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Unsupported(`settings ${unknown.join(", ")}`);
  return {
    ...(config.adminAuth === null && { adminAuth: null }),
    ...(typeof config.adminAuthDefault === "string" && { anonymousPermissions: config.adminAuthDefault }),
  };
}

/** One request to the admin API; what is stored is compared where the case says that nothing may change. */
export async function runAdmin(context: CaseContext): Promise<readonly string[]> {
  const { request, expected } = context.one;
  if (!request) throw new Unsupported("an admin case without a request");
  const named = withRecordIds(context, request);
  context.world.soil();
  const before = await stored(context);
  const exchange = await sendRequest(context, named, expected);
  const after = await stored(context);
  const problems = [...(await judgeExchange(exchange, expected, context.scope))];
  const mustStay = (expected.invariants ?? []).some((text) => /^(nothing|no key|K1 still)/.test(text));
  if (mustStay && before !== after) problems.push(`what is stored has changed:\n${before}\n--\n${after}`);
  if (expected.contains === "plain key exactly once") problems.push(...judgeReveal(exchange.responses[0]?.body ?? ""));
  return problems;
}

/** The cases call keys by their names in the fixture, where the API wants ids. */
function withRecordIds({ world }: CaseContext, request: CaseRequest): CaseRequest {
  const { ids } = world.seed();
  const path = request.path?.replace(/\/keys\/(\w+)(?=\/|$|\?)/, (whole, name: string) => {
    const id = ids.get(name) ?? ids.get(`${name}revoked`);
    return id === undefined ? whole : `/keys/${id}`;
  });
  return path === undefined ? request : { ...request, path };
}

/** All keys and users, as an administrator sees them. */
async function stored({ server, scope }: CaseContext): Promise<string> {
  const { nodeRed } = server;
  const token = await nodeRed.adminToken("admin").catch(() => undefined);
  const lists = ["keys", "users"].map(async (kind) => {
    const answer = await fetch(new URL(`${scope.values.adminPath}/${kind}?limit=1000`, nodeRed.url), {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    return answer.text();
  });
  return (await Promise.all(lists)).join("\n").replace(/"lastUsed\w+":("[^"]*"|\d+|null),?/g, "");
}

function judgeReveal(body: string): readonly string[] {
  const shown = body.match(new RegExp(`${keyPrefix}_(?:live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}`, "g")) ?? [];
  return shown.length === 1 ? [] : [`the key is shown ${shown.length} times: ${body}`];
}
