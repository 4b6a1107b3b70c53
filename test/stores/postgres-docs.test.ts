import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSecretKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestApiKey, generateApiKey } from "../../lib/secrets/api-key.ts";
import { digestImportedToken } from "../../lib/secrets/imported-token.ts";
import { sweepStatements } from "../../stores/postgres/sweep.ts";
import { type PostgresServer, postgresPrograms } from "../support/postgres-server.ts";
import { describePostgres, optionsFor, withRemote } from "./postgres-kit.ts";
import { userRecord } from "./records.ts";

const page = readFileSync(new URL("../../docs/postgresql.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text ?? "");

const key = generateApiKey({ prefix: "gh", environment: "production", id: "V1StGXR8Z5jd" }).text;
const nextKey = generateApiKey({ prefix: "gh", environment: "production", id: "V1StGXR8Z5jd" }).text;
const masterKey = randomBytes(32);
const token = "a token that was there before";

describePostgres("docs/postgresql.md", (server) => {
  it("shows commands and SQL that work as they stand", async () => {
    const { schema: _, ...options } = optionsFor(server());
    await withRemote(options, async (store) => {
      await store.put("user", userRecord("alice"));
      const { digest, tokenDigest } = digests();
      assert.equal(digest, digestApiKey(key));
      assert.equal(tokenDigest, digestImportedToken(token, createSecretKey(masterKey)));
      const [insert = "", ...others] = blocks("sql");
      const values = { digest, token_digest: tokenDigest, new_digest: digestApiKey(nextKey) };
      psql(server(), insert, values);
      const shop = await store.get("key", "V1StGXR8Z5jd");
      assert.deepEqual([shop?.name, shop?.secrets[0]?.digest, shop?.version], ["Shop", digest, 1]);
      assert.equal((await store.findKeyByDigest(tokenDigest))?.id, "partner-17");
      for (const sql of others) psql(server(), sql, values);
      const partner = await store.get("key", "partner-17");
      assert.deepEqual(partner?.scopes, ["orders:read", "orders:write"]);
      assert.ok(partner?.revokedAt !== undefined);
      assert.ok((await store.get("user", "alice"))?.revokedAt !== undefined);
      const secrets = (await store.get("key", "V1StGXR8Z5jd"))?.secrets;
      assert.deepEqual(
        secrets?.map((secret) => secret.digest),
        [digestApiKey(nextKey), digest],
      );
      assert.ok((secrets?.[1]?.expiresAt ?? 0) > Date.now());
    });
  });

  it("names the rights that suffice", async () => {
    const sweeps = Object.values(sweepStatements("gatehouse")).map(({ text }) => text.replace(/\$\d/g, "NULL"));
    for (const sweep of sweeps) await server().sql(`SET ROLE gatehouse_app; ${sweep}`);
    await server().sql("ALTER ROLE gatehouse_app PASSWORD 'p'; ALTER ROLE gatehouse_editor PASSWORD 'p'");
    const { schema: _, ...options } = optionsFor(server());
    const app = { ...options, username: "gatehouse_app", password: "p" };
    await withRemote(app, async (store) => {
      assert.equal(await store.put("user", userRecord("bob")), true);
      psql({ ...server(), user: "gatehouse_editor", password: "p" }, "UPDATE gatehouse.keys SET disabled = true", {});
      assert.equal((await store.get("key", "partner-17"))?.disabled, true);
    });
  });
});

function digests(): { readonly digest: string; readonly tokenDigest: string } {
  const script = `${blocks("sh").join("\n")}\nprintf '%s\\n' "$digest" "$token_digest"`;
  const env = { ...process.env, KEY: key, TOKEN: token, GATEHOUSE_MASTER_KEY: masterKey.toString("base64url") };
  const [digest = "", tokenDigest = ""] = execFileSync("sh", ["-ec", script], { env, encoding: "utf8" }).split("\n");
  return { digest, tokenDigest };
}

function psql(
  { port, user, password }: Pick<PostgresServer, "port" | "user" | "password">,
  sql: string,
  values: Readonly<Record<string, string>>,
): void {
  const sets = Object.entries(values).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const where = ["--host", "127.0.0.1", "--port", String(port), "--username", user, "--dbname", "postgres"];
  execFileSync(join(postgresPrograms() ?? "", "psql"), ["-X", "-q", "--set", "ON_ERROR_STOP=1", ...where, ...sets], {
    input: sql,
    env: { ...process.env, PGPASSWORD: password },
    stdio: ["pipe", "ignore", "pipe"],
  });
}
