import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageRoot } from "./harness/node-red.ts";

const folder = join(packageRoot, "docs");
const pages = [
  ...readdirSync(packageRoot).filter((name) => name.endsWith(".md")),
  ...readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

/** As GitHub makes them: lower case, blanks to hyphens, no signs. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, text]) => text!.toLowerCase());
  return new Set(headings.map((text) => text.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")));
}

function linksOf(markdown: string): readonly string[] {
  const inText = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)];
  const inTags = [...markdown.matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return [...inText, ...inTags].map(([, target]) => target!).filter((target) => !/^https?:/.test(target));
}

function checkLink(page: string, link: string): void {
  const [path, anchor] = link.split("#");
  const target = path ? join(packageRoot, dirname(page), path) : join(packageRoot, page);
  assert.ok(existsSync(target), `${link} leads nowhere`);
  if (anchor === undefined) return;
  assert.ok(anchorsOf(readFileSync(target, "utf8")).has(anchor), `${link} names no heading`);
}

describe("the documentation", () => {
  for (const page of pages) {
    it(`${page} links to pages, headings and pictures that are there`, () => {
      for (const link of linksOf(readFileSync(join(packageRoot, page), "utf8"))) checkLink(page, link);
    });
  }

  it("has a page for each node", () => {
    const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
    for (const type of Object.keys(manifest["node-red"].nodes)) {
      assert.ok(pages.includes(join("docs", `${type}.md`)), `${type} has no page`);
    }
  });
});
