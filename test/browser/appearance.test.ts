import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type OpenEditor, openEditor, TAB } from "./editor-page.ts";
import { DROPPED, NETWORK, STORE } from "./flows.ts";
import { picture } from "./picture.ts";

const hasDarkTheme = process.env.NODE_RED === "node-red-5";

/** Plain JavaScript, because it runs in the page. */
const findFaults = readFileSync(new URL("find-faults.js", import.meta.url), "utf8");

const PLANTED = `document.querySelector("#dialog-form").insertAdjacentHTML("beforeend", \`
  <input type="text">
  <div class="gatehouse-note" style="color: #808080; background: #888888">grey on grey</div>
  <label style="display: block; width: 20px; overflow: hidden; white-space: nowrap">a long label</label>
  <span>label.of.something</span>
  <div style="width: 3000px; height: 4px"></div>\`)`;

const at = (id: string, y: number) => ({ id, z: TAB.id, x: 320, y, wires: [[], []] });
const FLOW = [
  STORE,
  NETWORK,
  { ...DROPPED.basic, ...at("basic-auth-check", 100), store: STORE.id, scopes: ["orders:read"], observe: true },
  {
    ...DROPPED.token,
    ...at("x-auth-token-check", 180),
    ...{ store: STORE.id, network: NETWORK.id },
    carriers: [
      { in: "header", name: "x-auth-token", scheme: "" },
      { in: "header", name: "authorization", scheme: "Bearer" },
    ],
  },
  { ...DROPPED.list, ...at("ip-allowlist", 260), allow: "192.168.1.0/24  # office\n2001:db8::/32\n10.0.0.300" },
  { ...DROPPED.manage, ...at("key-manage", 340), store: STORE.id },
  {
    ...DROPPED.limit,
    ...at("api-rate-limit", 420),
    ...{ countBy: "principal", store: STORE.id, timeZone: "Europe/Berlin" },
    limits: [
      { requests: 10, per: 1, unit: "second", burst: "" },
      { requests: 5000, per: 1, unit: "calendar-day", burst: "" },
    ],
  },
  {
    ...DROPPED.permission,
    ...at("permission-check", 500),
    rules: DROPPED.permission.rules.map((rule) => ({ ...rule, path: "/orders/*", allOf: ["orders:read"], days: [1] })),
  },
  { ...DROPPED.events, ...at("auth-events", 580), wires: [[]], every: 10, reasons: ["unknown"] },
];

for (const theme of hasDarkTheme ? (["light", "dark"] as const) : (["light"] as const)) {
  for (const locale of ["en-US", "de"] as const) {
    describe(`the look of the forms, ${theme}, ${locale}`, () => {
      let editor: OpenEditor;
      const looksRight = async (name?: string) => {
        assert.deepEqual(await editor.page.evaluate(findFaults), []);
        if (name === undefined || locale !== "en-US") return;
        const tray = editor.page.locator(".red-ui-tray").last();
        await picture(editor, `${name}-${theme}`, (path) => tray.screenshot({ path }));
      };

      before(async () => {
        editor = await openEditor({ theme, locale });
        await editor.add(FLOW);
      });
      after(() => editor.close());

      it("is judged by rules that find what is planted", async () => {
        await editor.edit("ip-allowlist");
        await editor.page.evaluate(PLANTED);
        const found = (await editor.page.evaluate<string[]>(findFaults)).map((fault) => fault.split(":")[0]);
        assert.deepEqual([...new Set(found)].sort(), [
          "has no name for a screen reader",
          "has too little contrast",
          "is cut off",
          "is not translated",
          "sticks out",
        ]);
        await editor.cancel();
      });

      for (const type of [
        "basic-auth-check",
        "x-auth-token-check",
        "ip-allowlist",
        "api-rate-limit",
        "permission-check",
        "key-manage",
        "auth-events",
      ]) {
        it(`is right for ${type}`, async () => {
          await editor.edit(type);
          await editor.page.waitForTimeout(300); // The store's state is asked for.
          await looksRight(type);
          await editor.cancel();
        });
      }

      it("is right for network-config", async () => {
        await editor.editConfig("network-config", NETWORK.id);
        await looksRight("network-config");
        await editor.cancel();
      });

      it("is right for key-store-config with fixed entries", async () => {
        await editor.editConfig("key-store-config", STORE.id);
        await editor.page.locator("#node-config-input-backend").selectOption("credentials");
        const list = editor.page.locator("#gatehouse-entries-row");
        for (const name of ["Partner A", "Partner B"]) {
          await list.locator(".red-ui-editableList-addButton").click();
          await list.locator("li .gatehouse-wide").last().fill(name);
        }
        await list.locator("li .fa-magic").first().click();
        await editor.page.locator(".gatehouse-reveal").waitFor();
        await list.locator("summary").last().click();
        await looksRight();
        await editor.cancel();
      });

      it("is right for key-store-config with a database", async () => {
        await editor.page.evaluate("RED.nodes.remove('ip-allowlist'); RED.nodes.dirty(true)");
        await editor.deploy();
        await createKeys(editor, STORE.id, ["Partner A", "Reporting"]);
        await editor.editConfig("key-store-config", STORE.id);
        await editor.page.locator(".gatehouse-table tbody tr").nth(1).waitFor();
        await looksRight("key-store-config");
        await editor.page.locator("#gatehouse-records button .fa-plus").first().click();
        await looksRight("create-key");
        await editor.cancel();
      });
    });
  }
}

async function createKeys({ nodeRed }: OpenEditor, store: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const answer = await fetch(`${nodeRed.adminUrl}/gatehouse/stores/${store}/keys`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name, environment: name === "Reporting" ? "sandbox" : "production" }),
    });
    assert.equal(answer.status, 201, await answer.text());
  }
}
