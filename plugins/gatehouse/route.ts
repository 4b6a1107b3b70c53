import type { IncomingMessage } from "node:http";
import type { Reader } from "../../lib/admin/reader.ts";
import type { Awaitable } from "../../lib/check.ts";
import type { ChangeContext } from "../../lib/lifecycle/context.ts";
import type { Store } from "../../lib/store.ts";
import type { KeyStoreHandle } from "../../nodes/shared/config-nodes.ts";
import type { Reply } from "./reply.ts";

/** What Node-RED's admin application adds to a request. */
export interface AdminRequest extends IncomingMessage {
  readonly body?: unknown;
  readonly user?: { readonly username?: string };
  readonly originalUrl?: string;
}

export type Permission = "gatehouse.read" | "gatehouse.write" | "gatehouse";

/** A request that was let through and read. */
export interface Call<B = undefined> {
  readonly request: AdminRequest;
  /** The part of the target after `?`. */
  readonly query: string;
  /** A parameter of the path, decoded. */
  param(name: string): string;
  readonly body: B;
  /** The version that the caller saw, from `If-Match`. */
  readonly ifMatch: number | undefined;
  readonly context: ChangeContext;
}

/** A call for a store that answers. */
export interface StoreCall<B = undefined> extends Call<B> {
  readonly handle: KeyStoreHandle;
  readonly store: Store;
}

export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** With parameters as `:name`. */
  readonly path: string;
  readonly permission: Permission;
  /** Absent for a request without a body. */
  readonly body?: Reader<unknown>;
  run(call: Call<unknown>): Awaitable<Reply>;
}

type Head = Pick<Route, "method" | "path" | "permission">;

/** `GET /a/:b`, as a table of routes reads best. */
export function head(line: string, permission: Permission): Head {
  const [method, path] = line.split(" ");
  return { method: method as Head["method"], path: path as string, permission };
}

/** A route without a body. */
export function plain(at: Head, run: (call: Call) => Awaitable<Reply>): Route {
  return { ...at, run: (call) => run(call as Call) };
}

/** A route whose body `body` reads. */
export function withBody<B>(at: Head, body: Reader<B>, run: (call: Call<B>) => Awaitable<Reply>): Route {
  return { ...at, body, run: (call) => run(call as Call<B>) };
}

/** Finds the route of a method and path, as Express would, but for no other spelling of the path. */
export function router(routes: readonly Route[]) {
  const compiled = routes.map((route) => ({ route, segments: route.path.split("/") }));
  return (method: string, path: string): Found => {
    const given = path.split("/").map(decoded);
    if (given.includes(undefined)) return { problem: 400 };
    const here = compiled.filter(({ segments }) => fits(segments, given));
    const found = here.find(({ route }) => route.method === (method === "HEAD" ? "GET" : method));
    if (found) return { route: found.route, parameters: parametersOf(found.segments, given) };
    return here.length > 0 ? { problem: 405, allow: here.map(({ route }) => route.method) } : { problem: 404 };
  };
}

type Found =
  | { readonly route: Route; readonly parameters: ReadonlyMap<string, string> }
  | { readonly problem: 400 | 404 }
  | { readonly problem: 405; readonly allow: readonly string[] };

function fits(segments: readonly string[], given: readonly (string | undefined)[]): boolean {
  if (segments.length !== given.length) return false;
  return segments.every((segment, index) => (segment.startsWith(":") ? given[index] !== "" : segment === given[index]));
}

function parametersOf(
  segments: readonly string[],
  given: readonly (string | undefined)[],
): ReadonlyMap<string, string> {
  const entries = segments.map((segment, index) => [segment.slice(1), given[index] ?? ""] as const);
  return new Map(entries.filter((_, index) => segments[index]?.startsWith(":")));
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
