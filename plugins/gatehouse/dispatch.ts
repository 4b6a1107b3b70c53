import type { ServerResponse } from "node:http";
import { versionOf } from "../../lib/admin/if-match.ts";
import { parse } from "../../lib/admin/reader.ts";
import { bodyRefusal, type GuardOptions, guardRefusal } from "../../lib/admin/request-guard.ts";
import { ConfigError, OverloadError, StoreError } from "../../lib/errors.ts";
import { invalid, problem, type Reply, send, setCommonHeaders } from "./reply.ts";
import { type AdminRequest, type Call, type Permission, type Route, router } from "./route.ts";

/** Of Express. */
export type Middleware = (request: AdminRequest, response: ServerResponse, next: (error?: unknown) => void) => void;

export interface DispatchOptions {
  readonly routes: readonly Route[];
  /** Asked for each request, as settings can be replaced. */
  readonly guard: () => GuardOptions;
  readonly needsPermission: (permission: Permission) => Middleware;
  readonly now: () => number;
  /** Told of a request that was refused for what it is or whom it is from. */
  readonly onDenied: (request: AdminRequest, status: number) => void;
  /** Told of what nobody foresaw. */
  readonly onFault: (error: unknown) => void;
}

/** Answers every request below `/gatehouse`: the guard first, then Node-RED's permissions, then the body, then the route. */
export function dispatcher(options: DispatchOptions): (request: AdminRequest, response: ServerResponse) => void {
  const find = router(options.routes);
  const permissions = new Map(
    [...new Set(options.routes.map(({ permission }) => permission))].map((each) => [
      each,
      options.needsPermission(each),
    ]),
  );

  return (request, response) => {
    setCommonHeaders(response);
    const [path = "/", query = ""] = splitTarget(request.url ?? "/");
    const refused = refusal(request, query, options.guard()) ?? undefined;
    if (refused) {
      options.onDenied(request, refused.status);
      return answer(refused);
    }
    const found = find(request.method ?? "", path);
    if ("problem" in found) return answer(notFound(found));
    const { route, parameters } = found;
    const denied = () => options.onDenied(request, response.statusCode);
    response.once("finish", denied);
    const allowed = (error?: unknown) => {
      response.off("finish", denied);
      if (error !== undefined) return answer(faultReply(error, options.onFault));
      answer(runRoute(route, { request, query, parameters, now: options.now() }));
    };
    const permission = permissions.get(route.permission) as Middleware;
    permission(request, response, allowed);

    function answer(reply: Reply | Promise<Reply>): void {
      Promise.resolve(reply)
        .catch((error: unknown) => faultReply(error, options.onFault))
        .then((settled) => send(response, settled))
        .catch((error: unknown) => {
          options.onFault(error);
          response.destroy();
        });
    }
  };
}

function splitTarget(target: string): readonly [string, string] {
  const mark = target.indexOf("?");
  return mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
}

function refusal(request: AdminRequest, query: string, guard: GuardOptions): Reply | undefined {
  const { headers, rawHeaders, socket } = request;
  const encrypted = "encrypted" in socket && socket.encrypted === true;
  const refused = guardRefusal({ query, headers, rawHeaders, peer: socket.remoteAddress, encrypted }, guard);
  return refused && problem(refused.status, refused.detail);
}

function notFound(found: { readonly problem: 400 | 404 | 405; readonly allow?: readonly string[] }): Reply {
  if (found.problem === 400) return problem(400, "The path is not encoded as RFC 3986 says.");
  if (found.problem === 404) return problem(404, "There is nothing here.");
  const reply = problem(405, "This method is not for this path.");
  return { ...reply, headers: { ...reply.headers, allow: (found.allow ?? []).join(", ") } };
}

interface Incoming {
  readonly request: AdminRequest;
  readonly query: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly now: number;
}

async function runRoute(route: Route, { request, query, parameters, now }: Incoming): Promise<Reply> {
  const ifMatch = versionOf(request.headers["if-match"]);
  if (ifMatch === "malformed") return problem(400, 'If-Match takes one version, as "3".');
  const call: Omit<Call, "body"> = {
    request,
    query,
    ifMatch,
    param: (name) => parameters.get(name) ?? "",
    context: { now, actor: actorOf(request) },
  };
  if (!route.body) return route.run({ ...call, body: undefined });
  const refused = bodyRefusal(request.headers, request.body);
  if (refused) return problem(refused.status, refused.detail);
  const read = parse(route.body, request.body);
  return read.ok ? route.run({ ...call, body: read.value }) : invalid(read.problems);
}

/** Who asks, by Node-RED's word. Shown in lists and logs, so without controls. */
function actorOf({ user }: AdminRequest): string {
  const name = typeof user?.username === "string" ? user.username.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "") : "";
  return name.slice(0, 100) || "anonymous";
}

function faultReply(error: unknown, onFault: (error: unknown) => void): Reply {
  if (error instanceof ConfigError) return invalid([{ pointer: `/${error.option}`, detail: error.message }]);
  if (error instanceof StoreError && error.code === "read-only") return problem(409, error.message);
  if (error instanceof StoreError) return { ...problem(503, error.message), ...retryAfter(5) };
  if (error instanceof OverloadError) {
    return { ...problem(503, "Too many passwords are being hashed."), ...retryAfter(error.retryAfterSeconds) };
  }
  onFault(error);
  return problem(500, "Something went wrong; Node-RED's log says more.");
}

function retryAfter(seconds: number) {
  return { headers: { "content-type": "application/problem+json", "retry-after": String(seconds) } };
}
