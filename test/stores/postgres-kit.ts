import type { PostgresOptions } from "../../stores/postgres/options.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../support/postgres-server.ts";

/** Runs what needs a real server; where there is none, says so for all to see, and fails in CI. */
export function describePostgres(title: string, body: (server: () => PostgresServer) => void): void {
  describe(title, () => {
    if (postgresPrograms() === undefined && process.env["CI"] !== "true") {
      it("IS LEFT OUT: PostgreSQL is not installed (apt-get install postgresql)");
      return;
    }
    let server: PostgresServer | undefined;
    before(async () => {
      server = await startPostgres();
    });
    after(() => server?.remove());
    body(() => {
      if (server === undefined) throw new Error("The server runs during the tests only.");
      return server;
    });
  });
}

let schemas = 0;

/** Options for a store of its own on the server. */
export function optionsFor({ url, user, password, port }: PostgresServer, through = port): PostgresOptions & { readonly schema: string } {
  schemas += 1;
  return { url: url(through), user, password, schema: `store_${schemas}`, now: Date.now };
}
