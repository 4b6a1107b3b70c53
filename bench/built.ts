import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../test/harness/node-red.ts";

/** A module of the package as it is published, with the types of its source. `path` is below `lib` or `stores`. */
export async function built<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(packageRoot, `dist/${path}.js`)).href)) as Module;
}
