import assert from "node:assert/strict";
import { type OpenEditor, openEditor, TAB } from "./editor-page.ts";
import { DROPPED, NETWORK, STORE } from "./flows.ts";

const at = (id: string, y: number) => ({ id, z: TAB.id, x: 300, y, wires: [[], []] });
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

describe("the forms of limits and permissions", () => {
  let editor: OpenEditor;
  const field = (id: string) => editor.page.locator(`#node-input-${id}`);
  const rows = (list: string) => editor.page.locator(`#gatehouse-${list} > li`);
  const add = (list: string) =>
    editor.page
      .locator(`#gatehouse-${list}`)
      .locator("xpath=ancestor::*[contains(@class, 'form-row')]")
      .locator(".red-ui-editableList-addButton");

  before(async () => {
    editor = await openEditor();
    await editor.add([
      STORE,
      NETWORK,
      { ...DROPPED.limit, ...at("limit", 100) },
      { ...DROPPED.permission, ...at("permission", 180) },
    ]);
  });
  after(() => editor.close());

  it("change nothing when they are confirmed as they are", async () => {
    for (const id of ["limit", "permission"]) {
      const before = await editor.node(id);
      await editor.edit(id);
      await editor.confirm();
      assert.deepEqual(await editor.node(id), before);
    }
  });

  it("keep what is entered for api-rate-limit", async () => {
    await editor.edit("limit");
    await rows("limits").first().locator("input").first().fill("10");
    await add("limits").click();
    await rows("limits").nth(1).locator("input").first().fill("5000");
    await rows("limits").nth(1).locator("select").selectOption("calendar-day");
    await field("countBy").selectOption("property");
    await editor.page.locator("#gatehouse-property-row .red-ui-typedInput-input").fill("payload.customer");
    await field("store").selectOption(STORE.id);
    await field("whenAway").selectOption("local");
    await field("olderFields").check();
    await editor.confirm();
    const { limits, countBy, property, timeZone, store, whenAway, olderFields, cost, costType, valid } =
      await editor.node("limit");
    assert.deepEqual(limits, [
      { requests: 10, per: 1, unit: "minute", burst: "" },
      { requests: 5000, per: 1, unit: "calendar-day", burst: "" },
    ]);
    assert.deepEqual(
      { countBy, property, timeZone, store, whenAway, olderFields, cost, costType, valid },
      {
        ...{ countBy: "property", property: "payload.customer", timeZone: zone, store: STORE.id, whenAway: "local" },
        ...{ olderFields: true, cost: "1", costType: "num", valid: true },
      },
    );
  });

  it("refuse limits that are none, and those that contradict each other", async () => {
    await editor.edit("limit");
    await rows("limits").first().locator("input").first().fill("5; DROP");
    assert.equal(await rows("limits").first().locator("input.input-error").count(), 1);
    await editor.confirm();
    assert.equal((await editor.node("limit")).valid, false);
    await editor.edit("limit");
    await rows("limits").first().locator("input").first().fill("6000");
    await editor.confirm();
    assert.equal((await editor.node("limit")).valid, false);
  });

  it("keep what is entered for permission-check", async () => {
    await editor.edit("permission");
    const rule = rows("rules").first();
    await rule.locator(".gatehouse-line input").nth(0).fill("get, post");
    await rule.locator(".gatehouse-line input").nth(1).fill("/orders/:id");
    await rule.locator(".gatehouse-grid input").first().fill("orders:read orders:write");
    await rule.locator("summary").click();
    await rule.locator("details input[type=checkbox]").first().check();
    await rule.locator("details input[type=text]").first().fill("08:00");
    await add("rules").click();
    await rows("rules").nth(1).locator("select").first().selectOption("deny");
    await editor.confirm();
    const { rules, timeZone, valid } = await editor.node("permission");
    const [first] = DROPPED.permission.rules;
    assert.deepEqual(rules, [
      {
        ...first,
        methods: ["GET", "POST"],
        path: "/orders/:id",
        allOf: ["orders:read", "orders:write"],
        days: [1],
        from: "08:00",
      },
      { ...first, effect: "deny" },
    ]);
    assert.deepEqual([timeZone, valid], [zone, true]);
  });

  it("refuse rules that are none", async () => {
    for (const path of ["orders", "/a/*/b", "/../x"]) {
      await editor.edit("permission");
      await rows("rules").first().locator(".gatehouse-line input").nth(1).fill(path);
      await editor.confirm();
      assert.equal((await editor.node("permission")).valid, false, path);
    }
  });
});
