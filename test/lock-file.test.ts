import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./harness/node-red.ts";

interface Locked {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(join(packageRoot, "package-lock.json"), "utf8"));
const packages = new Map<string, Locked>(Object.entries(lock.packages));

/** Where Node.js would find `name` from the package at `path`. */
function find(path: string, name: string): Locked | undefined {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const found = packages.get(`${at}${at && "/"}node_modules/${name}`);
    if (found || at === "") return found;
  }
}

describe("package-lock.json", () => {
  it("lists the builds for other platforms too, as `npm ci` refuses one that does not", () => {
    const wanted = [...packages].flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).map((name) => ({ path, name })),
    );
    assert.ok(wanted.length > 50);
    assert.deepEqual(
      wanted.filter(({ path, name }) => find(path, name)?.version === undefined),
      [],
    );
  });

  it("holds for each exact version of a build what its package asks for", () => {
    for (const [path, { optionalDependencies = {} }] of packages) {
      for (const [name, range] of Object.entries(optionalDependencies)) {
        if (/^\d/.test(range)) assert.equal(find(path, name)?.version, range, `${name}, for ${path}`);
      }
    }
  });
});
