import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { bodies } from "../../lib/admin/bodies.ts";
import { adminRoutes } from "../../plugins/gatehouse/gatehouse.ts";
import type { Services } from "../../plugins/gatehouse/services.ts";

const routes = adminRoutes({
  bodies: bodies(Date.now),
  handles: { find: () => undefined, all: () => [] },
  now: Date.now,
  hashPassword: async () => "",
  audit: () => {},
} satisfies Services);

const operation = /^ {4}(get|post|put|patch|delete):$/;

/** Method and path of each operation, with the text of the operation. */
function documented(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let path = "";
  let current = "";
  const text = readFileSync(new URL("../../docs/admin-api.yaml", import.meta.url), "utf8");
  const paths = text.slice(text.indexOf("\npaths:\n"), text.indexOf("\ncomponents:\n"));
  for (const line of paths.split("\n")) {
    path = /^ {2}(\/\S*):$/.exec(line)?.[1]?.replaceAll(/\{(\w+)\}/g, ":$1") ?? path;
    const method = operation.exec(line)?.[1];
    current = method ? `${method.toUpperCase()} ${path}` : current;
    found.set(current, `${found.get(current) ?? ""}${line}\n`);
  }
  found.delete("");
  return found;
}

describe("admin API: its document", () => {
  const document = documented();

  it("has every route, and no other", () => {
    const served = routes.map(({ method, path }) => `${method} ${path}`).sort();
    assert.deepEqual([...document.keys()].sort(), served);
  });

  it("names the permission of each, and whether there is a body", () => {
    for (const { method, path, permission, body } of routes) {
      const text = (document.get(`${method} ${path}`) ?? "").replaceAll(/\s+/g, " ");
      assert.ok(text.includes(`Needs the permission \`${permission}\`.`), `${method} ${path}`);
      assert.equal(text.includes("requestBody:"), body !== undefined, `${method} ${path}`);
    }
  });
});
