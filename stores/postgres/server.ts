import type { ClientConfig, QueryResultRow } from "pg";
import { StoreError } from "../../lib/errors.ts";
import { connectClient, loadDriver } from "./client.ts";
import { type Link, type LinkOptions, startLink } from "./link.ts";
import { type Connections, connections } from "./pool.ts";
import type { Statement } from "./statement.ts";

export interface ServerOptions extends Omit<LinkOptions, "connect"> {
  readonly config: ClientConfig;
}

export interface Server extends Pick<Connections, "query"> {
  /** Resolves or rejects with what the last check found; the first, where there was none yet. */
  ready(): Promise<void>;
  /** Something is not as it should be: check now. */
  suspect(): void;
  close(): Promise<void>;
}

/** Questions that wait for a connection, or an answer, at most. */
const mostUnderWay = 1_000;

/** The connections to a server, made on first use: one for notices, up to five for questions. */
export function connectServer(options: ServerOptions): Server {
  const underWay = new Set<Promise<unknown>>();
  let opening: Promise<Opened> | undefined;
  let closed: Promise<void> | undefined;
  const ready = async () => {
    if (closed !== undefined) throw closedFault();
    opening ??= open(options);
    const opened = await opening;
    if (closed !== undefined) throw closedFault();
    const fault = opened.fault();
    if (fault !== undefined) throw fault;
    return opened.connections;
  };
  const end = async () => {
    const opened = await opening?.catch(() => undefined);
    await Promise.allSettled(underWay);
    await Promise.all([opened?.link.close(), opened?.connections.end()]);
  };
  return {
    ready: async () => void (await ready()),
    suspect: () => void opening?.then(({ link }) => link.suspect()),
    query<R extends QueryResultRow>(statement: Statement, values: readonly unknown[]) {
      if (underWay.size >= mostUnderWay) return Promise.reject(overload());
      const asked = ready().then((open) => open.query<R>(statement, values));
      underWay.add(asked);
      const forget = () => void underWay.delete(asked);
      asked.then(forget, forget);
      return asked;
    },
    close() {
      closed ??= end();
      return closed;
    },
  };
}

interface Opened {
  readonly link: Link;
  readonly connections: Connections;
  /** Why the store cannot be used, as of the last check. */
  fault(): StoreError | undefined;
}

/** Resolves after the first check, whatever it found. */
async function open({ config, ...options }: ServerOptions): Promise<Opened> {
  const driver = await loadDriver();
  let link: Link | undefined;
  let fault: StoreError | undefined;
  const pool = connections(driver, config, () => link?.suspect());
  await new Promise<void>((resolve) => {
    const onState: LinkOptions["onState"] = (found) => {
      // What is left of the old connections may be dead without anybody knowing, or lead to another server.
      if (found !== undefined) pool.cutAll();
      fault = found;
      options.onState(found);
      resolve();
    };
    link = startLink({ ...options, connect: () => connectClient(driver, config), onState });
  });
  // TypeScript cannot know that it was called.
  return { link: link as unknown as Link, connections: pool, fault: () => fault && again(fault) };
}

/** The same once more, so that each who meets it has a stack of its own. */
function again({ code, message }: StoreError): StoreError {
  return new StoreError(code, message);
}

function closedFault(): StoreError {
  return new StoreError("closed", "The store is closed.");
}

function overload(): StoreError {
  return new StoreError("unreachable", "Too many questions wait for the PostgreSQL server.");
}
