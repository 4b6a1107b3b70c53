import type { NodeAPI } from "node-red";
import { bodies } from "../../lib/admin/bodies.ts";
import type { GuardOptions } from "../../lib/admin/request-guard.ts";
import { hashQueue } from "../../lib/secrets/hash-queue.ts";
import { hashPassword } from "../../lib/secrets/password-hash.ts";
import { tellChange, tellDenied } from "./audit.ts";
import { checkRoutes } from "./checks.ts";
import { dispatcher, type Middleware } from "./dispatch.ts";
import { deployedHandles } from "./handles.ts";
import { keyRoutes } from "./keys.ts";
import type { AdminRequest, Route } from "./route.ts";
import type { Services } from "./services.ts";
import { storeRoutes } from "./stores.ts";
import { toolRoutes } from "./tools.ts";
import { userRoutes } from "./users.ts";

/** Admin applications that have the routes: Node-RED keeps routes for the life of the process. */
const served = new WeakSet<object>();

/** The admin API's plugin: its routes live below `<httpAdminRoot>/gatehouse`. */
export default function gatehouse(RED: NodeAPI): void {
  RED.plugins.registerPlugin("gatehouse", { type: "gatehouse", onadd: () => serve(RED) });
}

/** All routes of the admin API. */
export function adminRoutes(services: Services): readonly Route[] {
  return [
    ...storeRoutes(services),
    ...keyRoutes(services),
    ...userRoutes(services),
    ...toolRoutes(services),
    ...checkRoutes(services),
  ];
}

function serve(RED: NodeAPI): void {
  const { httpAdmin } = RED;
  // With `httpAdminRoot: false` there is no admin application, and nothing that could ask for permissions.
  if (RED.settings.httpAdminRoot === false || typeof httpAdmin?.use !== "function" || served.has(httpAdmin)) return;
  served.add(httpAdmin);
  const queue = hashQueue({ concurrency: 1, limit: 16, perSource: 16 });
  const services: Services = {
    bodies: bodies(Date.now),
    handles: deployedHandles(RED),
    now: Date.now,
    hashPassword: (password) => queue.run(() => hashPassword(password)),
    audit: (event, call) => {
      const line: object = { ...event, actor: call.context.actor };
      RED.log.audit(line as AuditLine, call.request as ExpressRequest);
      tellChange(event, call);
    },
  };
  const handle = dispatcher({
    routes: adminRoutes(services),
    guard: () => guardOptions(RED.settings as Settings),
    needsPermission: (permission) => RED.auth.needsPermission(permission) as Middleware,
    now: Date.now,
    onDenied: tellDenied,
    onFault: (error) => RED.log.error(`gatehouse: ${error instanceof Error ? (error.stack ?? error.message) : error}`),
  });
  httpAdmin.use("/gatehouse", (request, response) => handle(request as AdminRequest, response));
}

// The types of Express, for which this package has no other use.
type AuditLine = Parameters<NodeAPI["log"]["audit"]>[0];
type ExpressRequest = Parameters<NodeAPI["log"]["audit"]>[1];

interface Settings {
  readonly adminAuth?: unknown;
  readonly gatehouse?: { readonly allowOpenAdmin?: unknown; readonly adminOrigins?: unknown };
}

function guardOptions({ adminAuth, gatehouse: own }: Settings): GuardOptions {
  const origins = Array.isArray(own?.adminOrigins) ? own.adminOrigins : [];
  return {
    hasAdminAuth: Boolean(adminAuth),
    allowOpenAdmin: own?.allowOpenAdmin === true,
    adminOrigins: origins.filter((origin) => typeof origin === "string"),
  };
}
