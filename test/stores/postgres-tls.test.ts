import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { PostgresTls } from "../../stores/postgres/options.ts";
import { postgresStore } from "../../stores/postgres.ts";
import { authority } from "../support/certificates.ts";
import { describePostgres, optionsFor, outcome, until } from "./postgres-kit.ts";

describePostgres("TLS to a PostgreSQL server", (server) => {
  const [trusted, stranger] = [authority(), authority()];
  after(() => {
    trusted.remove();
    stranger.remove();
  });

  it("takes the certificate it was told to trust, for its name only, and no other", async () => {
    const { cert, key } = trusted.issue("DNS:localhost");
    await server().encrypt({ cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") });
    const ca = trusted.certificate;
    const base = optionsFor(server());
    const url = base.url.replace("127.0.0.1", "localhost");
    const ready = async (tls: PostgresTls | boolean, address = url) => {
      const store = postgresStore({ ...base, url: address, tls });
      const found = await outcome(() => store.ready());
      const [row] = await server().sql(
        `SELECT bool_and(ssl) AS encrypted FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name = 'gatehouse ${base.schema}'`,
      );
      await store.close();
      return found ?? row?.encrypted;
    };
    await until(async () => (await ready({ ca })) === true, 5_000);
    assert.equal(await ready(false), false);
    assert.equal(await ready(true), "unreachable");
    assert.equal(await ready({ ca: stranger.certificate }), "unreachable");
    assert.equal(await ready({ ca }, base.url), "unreachable");
    assert.equal(await ready({ ca, servername: "localhost" }, base.url), true);
    assert.equal(await ready({ rejectUnauthorized: false }), true);
    assert.equal(await ready(true, `${url}?sslmode=require`), "unreachable");
  });

  it("does not go on without it", async () => {
    await server().set("ssl", "off");
    const store = postgresStore({ ...optionsFor(server()), tls: true });
    assert.equal(await outcome(() => store.ready()), "unreachable");
    await store.close();
  });
});
