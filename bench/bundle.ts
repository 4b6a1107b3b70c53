import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { packageRoot } from "../test/harness/node-red.ts";

/** As deep below the package as this folder's neighbours, so that they find it. */
const folder = join(packageRoot, ".tmp/bench");

/** Node's own loader for TypeScript changes what it loads, the package under test too: so programs are compiled before. */
export async function compilePrograms(): Promise<{ readonly worker: string; remove(): void }> {
  await build({
    entryPoints: ["worker", "load", "refusing-server", "revocation-reader"].map((name) =>
      join(packageRoot, `bench/${name}.ts`),
    ),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
  });
  return { worker: join(folder, "worker.mjs"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
