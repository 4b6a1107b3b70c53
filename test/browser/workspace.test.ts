import assert from "node:assert/strict";
import { type OpenEditor, openEditor, TAB } from "./editor-page.ts";
import { DROPPED, STORE } from "./flows.ts";

const CHECKS = ["basic-auth-check", "x-auth-token-check", "ip-allowlist", "api-rate-limit", "permission-check"];
const TYPES = [...CHECKS, "key-manage"];
const PALETTE = [...TYPES, "auth-events"];

const node = (id: string, type: string, x: number, y: number, wires: readonly (readonly string[])[], more = {}) => ({
  ...{ id, type, z: TAB.id, x, y, wires },
  ...more,
});
/** An address list in tandem with a token, or else a password. */
const FLOW = [
  STORE,
  node("in", "http in", 110, 80, [["list"]], { url: "/orders", method: "post" }),
  node("list", "ip-allowlist", 320, 80, [["token"], ["refused"]], { ...DROPPED.list, allow: "192.168.1.0/24" }),
  node("token", "x-auth-token-check", 320, 160, [["work"], ["basic"]], { ...DROPPED.token, store: STORE.id }),
  node("basic", "basic-auth-check", 320, 240, [["work"], ["refused"]], { ...DROPPED.basic, store: STORE.id }),
  node("work", "function", 590, 160, [["out"]], { name: "take the order", func: "return msg;" }),
  node("out", "http response", 780, 160, []),
  node("refused", "http response", 590, 240, [], { name: "refused" }),
];

for (const theme of process.env.NODE_RED === "node-red-5" ? (["light", "dark"] as const) : (["light"] as const)) {
  describe(`the workspace, ${theme}`, () => {
    let editor: OpenEditor;

    before(async () => {
      editor = await openEditor({ theme });
      await editor.add(FLOW);
    });
    after(() => editor.close());

    it("shows the checks in a category of their own", async () => {
      const category = editor.page.locator("#red-ui-palette-container-gatehouse");
      await category.scrollIntoViewIfNeeded();
      assert.equal(await category.locator(".red-ui-palette-header span").textContent(), "Gatehouse");
      const types = await category
        .locator(".red-ui-palette-node")
        .evaluateAll((nodes) => nodes.map((each) => each.getAttribute("data-palette-type")));
      assert.deepEqual(types.sort(), [...PALETTE].sort());
    });

    it("gives each node its own icon", async () => {
      const icons = editor.page.locator("#red-ui-palette-container-gatehouse .red-ui-palette-icon");
      const urls = await icons.evaluateAll((each) =>
        each.map((icon) => getComputedStyle(icon).backgroundImage.slice(5, -2)),
      );
      assert.equal(new Set(urls).size, PALETTE.length);
      for (const url of urls) {
        const answer = await fetch(url);
        assert.equal(answer.headers.get("content-type"), "image/svg+xml", url);
      }
    });

    it("shows a flow of checks", async () => {
      await editor.page.waitForTimeout(500); // The nodes are drawn.
      const labels = await editor.page.locator(".red-ui-flow-node-label-text").allTextContents();
      for (const label of ["192.168.1.0/24", "x-auth-token: Partners", "basic auth: Partners"]) {
        assert.ok(labels.includes(label), labels.join());
      }
    });

    it("explains each node, with both outputs", async () => {
      for (const type of TYPES) {
        await editor.page.evaluate(`RED.sidebar.help.show("${type}", true)`);
        const help = editor.page.locator(".red-ui-help").last();
        await help.getByRole("heading", { name: "Outputs" }).waitFor();
        assert.equal((await help.textContent())?.includes("auth.rejected"), CHECKS.includes(type), type);
        assert.equal(await help.locator("dl.message-properties").count(), 3, type);
      }
    });
  });
}
