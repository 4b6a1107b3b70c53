import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const { nodes, plugins } = manifest["node-red"];

/** What Node-RED, npm and mocha load by name; everything else must be imported by something. */
export default {
  entry: [
    ...Object.values({ ...nodes, ...plugins }).map((file) => file.replace("dist/", "").replace(/\.js$/, ".ts")),
    "{nodes,plugins}/*/*.editor.ts",
    "scripts/*.mjs",
    "bench/*.ts",
    "test/**/*.test.ts",
    "test/stores/children/*.ts",
    "test/vectors/abuse/inside.cjs",
    "bench/{worker,load,refusing-server,revocation-reader}.ts",
  ],
  project: ["{lib,stores,nodes,plugins,cli,test,bench}/**/*.ts", "scripts/**/*.mjs"],
  ignoreExportsUsedInFile: true,
  ignoreBinaries: ["openssl", "gatehouse", "taskset"],
  // Run as a program by scripts and tests, or known to the editor's scripts as global types.
  ignoreDependencies: ["node-red-5", "node-red__editor-client", "jquery"],
};
