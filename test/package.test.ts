import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { packageRoot } from "./harness/node-red.ts";
import { satisfies } from "./support/version-range.ts";

const LANGUAGES = ["en-US", "de"] as const;
/** Nodes that are no checks: their inputs and outputs. */
const OTHER_SHAPES: ReadonlyMap<string, readonly [inputs: number, outputs: number]> = new Map([
  ["auth-events", [0, 1]],
]);
const HEADINGS: Readonly<Record<(typeof LANGUAGES)[number], readonly string[]>> = {
  "en-US": ["Inputs", "Outputs", "Details", "References"],
  de: ["Eingaben", "Ausgaben", "Einzelheiten", "Verweise"],
};

interface Definition {
  readonly category: string;
  readonly color: string;
  readonly icon: string;
  readonly inputs?: number;
  readonly outputs?: number;
  readonly defaults: Readonly<
    Record<string, { readonly type?: string; readonly validate?: { readonly length: number } }>
  >;
}

type Catalogue = { readonly [key: string]: string | Catalogue };

const read = (...path: readonly string[]) => readFileSync(join(packageRoot, ...path), "utf8");
const manifest = JSON.parse(read("package.json"));
const types = Object.keys(manifest["node-red"].nodes);
const builtForm = (type: string) => read(manifest["node-red"].nodes[type].replace(/\.js$/, ".html"));
const catalogue = (type: string, language: string): Catalogue =>
  JSON.parse(read("dist/nodes", type, "locales", language, `${type}.json`));
const help = (type: string, language: string) => read("nodes", type, "locales", language, `${type}.html`);

/** The texts of a catalogue by their keys, as `label.name`. */
function flatten(from: Catalogue, prefix = ""): ReadonlyMap<string, string> {
  const entries = Object.entries(from).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[prefix + key, value]] : [...flatten(value, `${prefix}${key}.`)],
  );
  return new Map(entries);
}

function headingsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading as string);
}

/** Without those of ends that the node does not have. */
function headingsFor({ inputs = 0, outputs = 0 }: Definition, language: (typeof LANGUAGES)[number]): readonly string[] {
  const needed = [inputs > 0, outputs > 0, true, true];
  return HEADINGS[language].filter((_, i) => needed[i]);
}

/** Lines of a property list with more than two colons: the third is where the editor's renderer cuts the line off. */
function badProperties(markdown: string): readonly string[] {
  return markdown.split("\n").filter((line) => line.startsWith(": ") && line.split(":").length !== 3);
}

/** The editor script of a form, as the flow library's scorecard finds it. */
function scriptOf(form: string): string {
  const [, script] = /<script.+?type=['"]text\/javascript['"].*?>([\S\s]*?)<\/script>/i.exec(form) ?? [];
  assert.ok(script, "no script of the type text/javascript");
  return script;
}

/** What a form's script registers with the editor. */
function registered(type: string): readonly (readonly [type: string, definition: Definition])[] {
  const found: [string, Definition][] = [];
  const registerType = (name: string, definition: Definition) => found.push([name, definition]);
  runInNewContext(scriptOf(builtForm(type)), { RED: { _: (key: string) => key, nodes: { registerType } } });
  return found;
}

describe("every node of the package", () => {
  it("is named once (N01)", () => {
    const names = types.flatMap((type) => registered(type).map(([name]) => name));
    assert.deepEqual(names, types);
    assert.equal(new Set(names).size, names.length);
  });

  for (const type of types) {
    describe(type, () => {
      const isConfig = type.endsWith("-config");
      const isCheck = read("nodes", type, `${type}.ts`).includes("registerCheckNode");
      const shape = OTHER_SHAPES.get(type);
      let definition: Definition;

      before(() => {
        [[, definition]] = registered(type) as readonly [readonly [string, Definition]];
      });

      it("has a form without a script in it", () => {
        const form = read("nodes", type, `${type}.html`);
        const scripts = [...form.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes);
        assert.deepEqual(scripts, [` type="text/html" data-template-name="${type}"`]);
        assert.doesNotMatch(form, /\son[a-z]+=/);
        assert.doesNotMatch(builtForm(type), /<!-- include/);
      });

      it("is registered in the way that the scorecard can read", () => {
        const script = scriptOf(builtForm(type));
        const [, body] = new RegExp(`registerType\\("${type}", \\{([\\s\\S]+)`).exec(script) ?? [];
        assert.ok(body, "the type is no literal");
        const properties = isConfig
          ? ["category", "color", "icon"]
          : ["category", "color", "icon", "inputs", "outputs"];
        for (const property of properties) assert.match(body, new RegExp(`^ {4}${property}: ("[^"]*"|\\d),$`, "m"));
        assert.match(body, /^ {4}defaults: \{$/m);
        assert.doesNotMatch(body.split(/^ {2}\}\);$/m)[0] ?? "", /^ {4,6}\.\.\./m);
      });

      it("has one input and two outputs as a check has, or is another kind of node", () => {
        const ends = isConfig ? [undefined, undefined] : (shape ?? [1, 2]);
        assert.deepEqual([definition.inputs, definition.outputs], ends);
        assert.equal(definition.category, isConfig ? "config" : "gatehouse");
      });

      it("has fields of the right prefix, and no others", () => {
        const prefix = isConfig ? "node-config-input-" : "node-input-";
        const ids = [...builtForm(type).matchAll(/<(?:input|select|textarea)[^>]*\sid="([^"]+)"/g)].map(([, id]) => id);
        assert.ok(ids.includes(`${prefix}name`));
        const wrong = ids.filter((id) => !id?.startsWith(prefix) && !id?.startsWith("gatehouse-"));
        assert.deepEqual(wrong, []);
      });

      it("has validators that can say what is wrong", () => {
        for (const [name, { validate }] of Object.entries(definition.defaults)) {
          // The editor shows a returned text only when it sees two parameters.
          if (validate !== undefined) assert.equal(validate.length, 2, name);
        }
      });

      it("has every text that it uses, in every language alike", () => {
        const [english, ...others] = LANGUAGES.map((language) => flatten(catalogue(type, language)));
        const variables = (text = "") => [...new Set(text.match(/__\w+?__/g) ?? [])].sort();
        for (const other of others) {
          assert.deepEqual([...other.keys()].sort(), [...(english as ReadonlyMap<string, string>).keys()].sort());
          for (const [key, text] of other) assert.deepEqual(variables(text), variables(english?.get(key)), key);
        }
        const form = builtForm(type);
        const inForm = [...form.matchAll(/data-i18n="([^"]+)"/g)].flatMap(([, keys]) =>
          (keys as string).split(";").map((key) => key.replace(/^\[[a-z-]+\]/, "")),
        );
        const inScript = [...scriptOf(form).matchAll(/\bt\d*\(\s*"([\w.-]+)"/g)].map(([, key]) => key as string);
        assert.ok(inForm.length > 0);
        assert.deepEqual(
          [...inForm, ...inScript].filter((key) => !english?.has(key)),
          [],
        );
      });

      for (const language of LANGUAGES) {
        it(`is explained in ${language}`, () => {
          const text = help(type, language);
          assert.ok(text.startsWith(`<script type="text/markdown" data-help-name="${type}">\n`));
          assert.match(text.split("\n")[1] ?? "", /^[A-Z].+\.$/, "the first paragraph is the tooltip in the palette");
          assert.deepEqual(headingsOf(text), headingsFor(definition, language));
          assert.equal(text.includes("auth.rejected"), isCheck);
          assert.deepEqual(badProperties(text), []);
        });
      }

      it("has an icon of its own", () => {
        const icon = read("icons", definition.icon);
        assert.equal(definition.icon, `${type}.svg`);
        assert.match(icon, /viewBox="0 0 40 60"/);
        const colors = [...icon.matchAll(/(?:fill|stroke)="(#[^"]+)"/g)].map(([, color]) => color);
        assert.deepEqual([...new Set(colors)], ["#fff"]);
        assert.ok(existsSync(join(packageRoot, "dist/nodes", type, "icons", definition.icon)));
        const twins = readdirSync(join(packageRoot, "icons")).filter((other) => read("icons", other) === icon);
        assert.deepEqual(twins, [definition.icon]);
      });

      it("has a page in the documentation", () => {
        assert.ok(existsSync(join(packageRoot, "docs", `${type}.md`)));
      });

      it("is used in an example (N02)", () => {
        const examples = readdirSync(join(packageRoot, "examples")).filter((name) => name.endsWith(".json"));
        const used = examples.flatMap((name) => JSON.parse(read("examples", name)) as { readonly type: string }[]);
        assert.ok(used.some((node) => node.type === type));
      });
    });
  }
});

describe("package.json", () => {
  it("names a licence, and where to look and ask (P01, P03)", () => {
    assert.equal(manifest.license, "Apache-2.0");
    assert.ok(existsSync(join(packageRoot, "LICENSE")));
    assert.match(manifest.repository.url, /^git\+https:/);
    assert.match(manifest.bugs.url, /^https:/);
  });

  it("has a scoped name, and the keyword that the flow library looks for (P04, P05)", () => {
    assert.match(manifest.name, /^@[a-z\d][\w.-]+\/[a-z\d][\w.-]*$/);
    assert.ok(manifest.keywords.includes("node-red"));
  });

  it("takes the Node-RED releases that it is tested with (P06)", () => {
    for (const nodeRed of ["node-red", "node-red-5"]) {
      const { version } = JSON.parse(read("node_modules", nodeRed, "package.json"));
      assert.ok(satisfies(version, manifest["node-red"].version), version);
    }
    assert.ok(!satisfies("4.0.9", manifest["node-red"].version));
  });

  it("takes the releases of Node.js that can load its modules, and no others (P07)", () => {
    for (const version of ["20.19.0", "22.12.0", "24.0.0"])
      assert.ok(satisfies(version, manifest.engines.node), version);
    // Node-RED 5 starts on 22.9, but loads plugins by require(), which takes ES modules from 22.12 on.
    for (const version of ["18.20.0", "20.18.9", "22.11.0"]) {
      assert.ok(!satisfies(version, manifest.engines.node), version);
    }
  });

  it("has at most six dependencies (D01)", () => {
    const names = Object.keys(manifest.dependencies);
    assert.ok(names.length <= 6, names.join());
  });
});

describe("the packed package", () => {
  interface Packed {
    readonly size: number;
    readonly unpackedSize: number;
    readonly files: readonly { readonly path: string }[];
  }
  let packed: Packed;

  before(function () {
    this.timeout(60_000);
    const answer = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: packageRoot,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    [packed] = JSON.parse(answer);
  });

  it("holds what is used, and nothing else", () => {
    const allowed = /^(?:dist\/|examples\/|(?:README|CHANGELOG|SECURITY)\.md$|LICENSE$|package\.json$)/;
    const paths = packed.files.map(({ path }) => path);
    assert.deepEqual(
      paths.filter((path) => !allowed.test(path)),
      [],
    );
    const kinds = /\.(?:js|html|json|svg|md)$|^LICENSE$/;
    assert.deepEqual(
      paths.filter((path) => !kinds.test(path)),
      [],
    );
    assert.deepEqual(
      paths.filter((path) => /(?:^|\/)(?:test|bench|node_modules)\/|\.(?:test|editor)\./.test(path)),
      [],
    );
  });

  it("holds every node with its form, icon and languages", () => {
    const paths = new Set(packed.files.map(({ path }) => path));
    for (const type of types) {
      const folder = `dist/nodes/${type}`;
      const wanted = [`${type}.js`, `${type}.html`, `icons/${type}.svg`];
      for (const language of LANGUAGES)
        wanted.push(`locales/${language}/${type}.json`, `locales/${language}/${type}.html`);
      for (const file of wanted) assert.ok(paths.has(`${folder}/${file}`), `${folder}/${file}`);
    }
    assert.ok(paths.has(manifest["node-red"].plugins.gatehouse));
  });

  it("stays small", () => {
    assert.ok(packed.size < 400_000, `${packed.size} bytes packed`);
    assert.ok(packed.unpackedSize < 1_500_000, `${packed.unpackedSize} bytes unpacked`);
  });
});
