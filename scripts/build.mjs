// Compiles the package into dist/: runtime by tsc; per node its form with the bundled editor script, locales and icon.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", root], { stdio: "inherit" });

for (const program of Object.values(manifest.bin)) chmodSync(join(root, program), 0o755);

for (const target of [...Object.values(manifest["node-red"].nodes), ...Object.values(manifest["node-red"].plugins)]) {
  const folder = dirname(target.replace(/^dist\//, ""));
  buildEditorPart(join(root, folder), join(dist, folder), basename(target, ".js"));
}

function buildEditorPart(from, to, name) {
  mkdirSync(to, { recursive: true });
  const form = join(from, `${name}.html`);
  const script = join(from, `${name}.editor.ts`);
  const parts = [];
  if (existsSync(script)) parts.push(`<script type="text/javascript">\n${bundle(script)}</script>\n`);
  if (existsSync(form)) parts.push(withIncludes(readFileSync(form, "utf8")));
  writeFileSync(join(to, `${name}.html`), parts.join("\n"));
  copyLocales(join(from, "locales"), join(to, "locales"), name);
  const icon = join(root, "icons", `${name}.svg`);
  if (existsSync(icon)) cpSync(icon, join(to, "icons", `${name}.svg`));
}

/** Puts in the rows that several forms share: `<!-- include NAME -->` is the file of that name in nodes/shared/editor. */
function withIncludes(form) {
  return form.replace(/^<!-- include (\S+) -->\n/gm, (_, part) =>
    readFileSync(join(root, "nodes/shared/editor", part), "utf8"),
  );
}

/** Node-RED reads one catalogue for each node, so the texts that all share are copied into each. */
function copyLocales(from, to, name) {
  if (!existsSync(from)) return;
  cpSync(from, to, { recursive: true });
  for (const language of readdirSync(from)) {
    const shared = readJson(join(root, "nodes/shared/locales", language, "shared.json"));
    const own = readJson(join(from, language, `${name}.json`));
    writeFileSync(join(to, language, `${name}.json`), JSON.stringify({ ...shared, ...own }));
  }
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

function bundle(script) {
  const result = buildSync({
    entryPoints: [script],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    loader: { ".css": "text" },
  });
  return result.outputFiles[0].text.replaceAll("</script", "<\\/script");
}
